import { BestTrackScorer } from '../../../../core/metrics/best-track';
import { FlickerScorer } from '../../../../core/metrics/flicker';
import { IdentityScorer } from '../../../../core/metrics/identity';
import { judgeFrame } from '../../../../core/metrics/judged-frame';
import type { Rle } from '../../../../core/mask/types';
import { rectangle } from '../support/masks';

const at = (x: number, w = 10, y = 5): Rle => rectangle(100, 40, x, y, w, 10);
type Frame = readonly [predictions: Record<number, Rle>, truth: Record<number, Rle>];
const masks = (record: Record<number, Rle>): Map<number, Rle> => new Map(Object.entries(record).map(([id, rle]) => [Number(id), rle]));

function best(frames: readonly Frame[]): ReturnType<BestTrackScorer['result']> {
  const scorer = new BestTrackScorer();
  frames.forEach(([p, g], i) => scorer.addFrame(i * 5, masks(p), masks(g)));
  return scorer.result();
}

function identity(frames: readonly Frame[]): ReturnType<IdentityScorer['result']> {
  const scorer = new IdentityScorer();
  for (const [p, g] of frames) scorer.addFrame(judgeFrame({ predictions: masks(p), truth: masks(g), ignored: null, everyObject: false }, null));
  return scorer.result();
}

describe('BestTrackScorer', () => {
  it('scores a perfect track 1, and extra tracks do not matter', () => {
    expect(best([[{ 4: at(0), 9: at(50) }, { 1: at(0) }], [{ 4: at(5), 9: at(50) }, { 1: at(5) }]])).toEqual([
      { truthId: 1, bestTrack: 4, bestTrackJ: 1, bestTrackJAllFrames: 1, visibleFrames: 2, coverage: 1, idSwitches: 0, switchFrames: [], fragments: 0, tracksUsed: 1 },
    ]);
  });

  it('a change of ID costs J, and is counted with its frame', () => {
    const [score] = best([[{ 1: at(0) }, { 1: at(0) }], [{ 1: at(0) }, { 1: at(0) }], [{ 2: at(0) }, { 1: at(0) }]]);
    expect(score).toMatchObject({ bestTrack: 1, bestTrackJ: 2 / 3, coverage: 1, idSwitches: 1, switchFrames: [10], tracksUsed: 2 });
  });

  it('a gap is a fragment, not a switch', () => {
    const [score] = best([[{ 1: at(0) }, { 1: at(0) }], [{}, { 1: at(0) }], [{ 1: at(0) }, { 1: at(0) }]]);
    expect(score).toMatchObject({ idSwitches: 0, fragments: 1, coverage: 2 / 3 });
  });

  it('where the truth is out of sight, an empty prediction is right and another is wrong', () => {
    const seen: Frame = [{ 1: at(0) }, { 1: at(0) }];
    expect(best([seen, [{}, {}]])[0]).toMatchObject({ bestTrackJ: 1, bestTrackJAllFrames: 1, visibleFrames: 1 });
    expect(best([seen, [{ 1: at(70) }, {}]])[0]).toMatchObject({ bestTrackJ: 1, bestTrackJAllFrames: 0.5 });
  });

  it('a part and a whole that take turns by a hair are no switch', () => {
    const one: Frame = [{ 1: at(0, 11), 2: at(0, 12) }, { 1: at(0, 11) }];
    const other: Frame = [{ 1: at(0, 11), 2: at(0, 12) }, { 1: at(0, 12) }];
    expect(best([one, [one[0], { 1: at(0, 23) }], other])[0]!.idSwitches).toBe(1);
    const hair: Frame = [{ 1: at(0, 40), 2: at(0, 41) }, { 1: at(0, 41) }];
    expect(best([[hair[0], { 1: at(0, 40) }], hair])[0]!.idSwitches).toBe(0);
  });

  it('an object that nothing ever meets scores 0 without a track', () => {
    expect(best([[{ 1: at(50) }, { 3: at(0) }], [{}, {}]])[0]).toMatchObject({ truthId: 3, bestTrack: null, bestTrackJ: 0, bestTrackJAllFrames: 0.5, coverage: 0 });
    expect(best([])).toEqual([]);
  });
});

describe('IdentityScorer', () => {
  it('is 1 for perfect tracks under any IDs, whatever else is predicted', () => {
    const frames: Frame[] = [0, 5, 10].map((x) => [{ 8: at(x), 3: at(60), 5: at(80) }, { 1: at(x), 2: at(60) }]);
    expect(identity(frames)).toMatchObject({ idf1: 1, truePositives: 6, falsePositives: 0, falseNegatives: 0, mapping: new Map([[1, 8], [2, 3]]) });
  });

  it('is 1 when there is nothing to find, 0 when all is missed', () => {
    expect(identity([]).idf1).toBe(1);
    expect(identity([[{ 1: at(60) }, { 1: at(0) }]])).toMatchObject({ idf1: 0, falseNegatives: 1, falsePositives: 0 });
  });

  it('a switch in the middle halves it', () => {
    const frames: Frame[] = [1, 1, 2, 2].map((id) => [{ [id]: at(0) }, { 1: at(0) }]);
    expect(identity(frames)).toMatchObject({ idf1: 0.5, truePositives: 2, falsePositives: 2, falseNegatives: 2 });
  });

  it('two objects that exchange their tracks are both half right', () => {
    const frames: Frame[] = [false, true].map((swap) => [{ 1: at(swap ? 50 : 0), 2: at(swap ? 0 : 50) }, { 1: at(0), 2: at(50) }]);
    expect(identity(frames)).toMatchObject({ idf1: 0.5, truePositives: 2, falsePositives: 2, falseNegatives: 2 });
  });

  it('a track that drifts off its object onto unlabelled pixels misses it, and is not false on top', () => {
    expect(identity([[{ 1: at(0) }, { 1: at(0) }], [{ 1: at(40) }, { 1: at(0) }]])).toMatchObject({ truePositives: 1, falsePositives: 0, falseNegatives: 1 });
    expect(identity([[{ 1: at(0) }, { 1: at(0) }], [{ 1: at(40) }, {}]])).toMatchObject({ idf1: 1, falsePositives: 0 });
  });

  it('a part on a labelled whole that is covered better is not punished', () => {
    expect(identity([[{ 1: at(0, 20), 2: at(0, 15) }, { 1: at(0, 20) }]])).toMatchObject({ idf1: 1, falsePositives: 0 });
  });
});

describe('the matches of a frame', () => {
  it('name the track of each visible object, as the scores count them', () => {
    const scorer = new BestTrackScorer();
    const matches = scorer.addFrame(0, masks({ 4: at(0), 5: at(80) }), masks({ 1: at(0), 2: at(40), 3: rectangle(100, 40, 0, 0, 0, 0) }));
    expect([...matches]).toEqual([[1, 4], [2, null]]);
  });
});

describe('FlickerScorer', () => {
  function flicker(frames: readonly Record<number, Rle>[]): ReturnType<FlickerScorer['result']> {
    const scorer = new FlickerScorer();
    for (const frame of frames) scorer.addFrame(masks(frame));
    return scorer.result();
  }

  it('is 0 for a shape that only moves', () => {
    expect(flicker([{ 1: at(0) }, { 1: at(7) }, { 1: at(20, 10, 9) }])).toMatchObject({ shapeChange: 0, areaJitter: 0, visibilityTogglesPer100: 0 });
  });

  it('counts change of shape and size', () => {
    const result = flicker([{ 1: at(0, 10) }, { 1: at(0, 20) }]);
    expect(result.shapeChange).toBeCloseTo(0.5, 6);
    expect(result.areaJitter).toBeCloseTo(0.5, 6);
    expect(result.objects[0]).toMatchObject({ id: 1, visibleFrames: 2, comparedPairs: 1 });
  });

  it('counts vanishing and coming back as two toggles, over the lifetime', () => {
    const result = flicker([{}, { 1: at(0) }, {}, { 1: at(0) }, { 1: at(0) }, {}]);
    expect(result.visibilityTogglesPer100).toBe(50);
    expect(result.objects[0]!.comparedPairs).toBe(1);
  });

  it('is 0 for nothing', () => {
    expect(flicker([])).toEqual({ shapeChange: 0, areaJitter: 0, visibilityTogglesPer100: 0, objects: [] });
  });
});
