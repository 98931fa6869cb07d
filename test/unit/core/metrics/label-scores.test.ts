import type { LabelMap } from '../../../../core/metrics/label-map';
import { countLabelPairs, UNJUDGED, type LabelledFrame } from '../../../../core/metrics/label-pairs';
import { PairCounts } from '../../../../core/metrics/pair-counts';
import { StqScorer } from '../../../../core/metrics/segmentation-tracking-quality';
import { VideoConsistencyScorer } from '../../../../core/metrics/video-consistency';
import { VpqScorer } from '../../../../core/metrics/video-panoptic-quality';

const row = (...data: number[]): LabelMap => ({ width: data.length, height: 1, data: Uint8Array.from(data) });
const frame = (truth: LabelMap, predicted: LabelMap, everyObject = false): LabelledFrame => ({ truth, predicted, voidLabel: 255, everyObject });

describe('countLabelPairs', () => {
  it('tells background from pixels that are not judged', () => {
    const [truth, predicted] = [row(1, 1, 0, 0, 255, 2), row(7, 0, 7, 0, 7, 8)];
    expect([...countLabelPairs(frame(truth, predicted, true))]).toEqual([[1, 7, 1], [1, 0, 1], [0, 7, 1], [0, 0, 1], [UNJUDGED, 7, 1], [2, 8, 1]]);
    expect(countLabelPairs(frame(truth, predicted)).get(UNJUDGED, 7)).toBe(2);
  });

  it('throws when the sizes differ', () => {
    expect(() => countLabelPairs(frame(row(1), row(1, 2)))).toThrow(RangeError);
  });
});

describe('PairCounts', () => {
  it('forgets pairs whose sum is 0 again', () => {
    const counts = new PairCounts();
    counts.add(1, 2, 5);
    counts.add(1, 2, -5);
    expect([[...counts], counts.get(1, 2)]).toEqual([[], 0]);
  });
});

describe('on unlabelled pixels', () => {
  const small = countLabelPairs(frame(row(1, 1, 0, 0, 0), row(7, 7, 0, 0, 0)));
  const spilt = countLabelPairs(frame(row(1, 1, 0, 0, 0), row(7, 7, 7, 8, 8)));

  it('nothing that is found changes STQ or VPQ', () => {
    for (const pairs of [small, spilt]) {
      const [stq, vpq] = [new StqScorer(), new VpqScorer()];
      stq.addFrame(pairs);
      vpq.addFrame(pairs);
      expect([stq.result().stq, vpq.result().vpq]).toEqual([1, 1]);
    }
  });

  it('and everything does when 0 is background', () => {
    const pairs = countLabelPairs(frame(row(1, 1, 0, 0, 0), row(7, 7, 7, 8, 8), true));
    const [stq, vpq] = [new StqScorer(), new VpqScorer()];
    stq.addFrame(pairs);
    vpq.addFrame(pairs);
    expect(stq.result()).toEqual({ aq: 2 / 3, sq: 2 / 5, stq: Math.sqrt(4 / 15) });
    expect(vpq.result().windows[0]).toMatchObject({ vpq: 2 / 3 / 1.5, truePositives: 1, falsePositives: 1, falseNegatives: 0 });
  });
});

describe('VpqScorer', () => {
  it('takes a video that is shorter than a tube as one tube', () => {
    const scorer = new VpqScorer();
    for (let t = 0; t < 3; t++) scorer.addFrame(countLabelPairs(frame(row(1, 1), row(t === 2 ? 9 : 7, 0))));
    const { windows } = scorer.result();
    expect(windows.map(({ window, truePositives, falsePositives, falseNegatives }) => [window, truePositives, falsePositives, falseNegatives])).toEqual([
      [1, 0, 3, 3], [2, 0, 3, 2], [4, 0, 2, 1], [6, 0, 2, 1], [8, 0, 2, 1], [10, 0, 2, 1], ['all', 0, 2, 1],
    ]);
  });

  it('is 0 without a frame', () => {
    expect(new VpqScorer().result()).toMatchObject({ vpq: 0 });
  });
});

describe('VideoConsistencyScorer', () => {
  it('is null while no window is full', () => {
    const scorer = new VideoConsistencyScorer();
    for (let t = 0; t < 8; t++) scorer.addFrame(frame(row(1, 1), row(7, 7)));
    expect(scorer.result()).toEqual({ vc8: null, vc16: null });
    scorer.addFrame(frame(row(1, 1), row(7, 7)));
    expect(scorer.result()).toEqual({ vc8: 1, vc16: null });
  });

  it('counts a change of ID on the pixels it is on', () => {
    const scorer = new VideoConsistencyScorer();
    for (let t = 0; t < 9; t++) scorer.addFrame(frame(row(1, 1, 0), row(t === 5 ? 8 : 7, 7, t)));
    expect(scorer.result().vc8).toBe(0.5);
  });

  it('throws when the size changes', () => {
    const scorer = new VideoConsistencyScorer();
    scorer.addFrame(frame(row(1), row(1)));
    expect(() => scorer.addFrame(frame(row(1, 1), row(1, 1)))).toThrow(RangeError);
  });
});
