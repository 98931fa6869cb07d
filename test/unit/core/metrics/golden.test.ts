import { decodeRle, emptyRle } from '../../../../core/mask/rle';
import { rleSubtract } from '../../../../core/mask/rle-ops';
import { BestTrackScorer } from '../../../../core/metrics/best-track';
import { ClearScorer } from '../../../../core/metrics/clear';
import { contourAccuracy } from '../../../../core/metrics/contour-accuracy';
import { HotaScorer, type HotaValues } from '../../../../core/metrics/hota';
import { HotaAlignment } from '../../../../core/metrics/hota-alignment';
import { IdentityScorer } from '../../../../core/metrics/identity';
import { judgeFrame } from '../../../../core/metrics/judged-frame';
import { countLabelPairs } from '../../../../core/metrics/label-pairs';
import { regionSimilarity } from '../../../../core/metrics/region-similarity';
import { StqScorer } from '../../../../core/metrics/segmentation-tracking-quality';
import { VideoConsistencyScorer } from '../../../../core/metrics/video-consistency';
import { VpqScorer } from '../../../../core/metrics/video-panoptic-quality';
import { goldenContours, goldenScenes, isDisjoint, labelled } from './support/golden-scenes';

/** Every number of `expected` within 1e-6; the fixture holds ten decimals. */
function expectClose(actual: Record<string, number | null>, expected: Record<string, number | null>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  const differing = Object.entries(expected).filter(([key, value]) => {
    const mine = actual[key]!;
    return value === null || mine === null ? value !== mine : !(Math.abs(mine - value) < 1e-6);
  });
  expect(differing.map(([key, value]) => ({ key, reference: value, actual: actual[key] }))).toEqual([]);
}

const readings = goldenScenes.flatMap((scene) => (['complete', 'partial'] as const).map((reading) => ({ title: `${scene.name}, ${reading} truth`, scene, everyObject: reading === 'complete', reference: scene.reference[reading] })));

describe('the golden scenes', () => {
  it('have disjoint truth, and differ from each other in what the references say', () => {
    expect(goldenScenes.flatMap(({ frames }) => frames).every(isDisjoint)).toBe(true);
    expect(new Set(readings.map(({ reference }) => reference.hota.HOTA.join())).size).toBeGreaterThan(9);
  });
});

describe.each(readings)('$title', ({ scene, everyObject, reference }) => {
  const judged = scene.frames.map((frame) => judgeFrame({ ...frame, everyObject }, null));
  const flat = scene.frames.map((frame, at) => labelled(frame, judged[at]!.trackIds, everyObject));
  const pairs = flat.map(countLabelPairs);

  it('keeps the detections that TrackEval keeps', () => {
    expect(judged.reduce((sum, { trackIds }) => sum + trackIds.length, 0)).toBe(reference.detections);
  });

  it('has the HOTA of TrackEval at every threshold', () => {
    const alignment = new HotaAlignment();
    for (const frame of judged) alignment.addFrame(frame);
    const scorer = new HotaScorer(alignment);
    for (const frame of judged) scorer.addFrame(frame);
    const score = scorer.result();
    const names: Record<keyof HotaValues, keyof typeof reference.hota> = { hota: 'HOTA', detA: 'DetA', detRe: 'DetRe', detPr: 'DetPr', assA: 'AssA', assRe: 'AssRe', assPr: 'AssPr', locA: 'LocA' };
    const keys = Object.keys(names) as (keyof HotaValues)[];
    score.perAlpha.forEach((values, a) => {
      const { alpha, ...mine } = values;
      expect(alpha).toBeCloseTo(0.05 * (a + 1), 9);
      expectClose(mine, Object.fromEntries(keys.map((key) => [key, reference.hota[names[key]][a]!])));
    });
    const { perAlpha, ...means } = score;
    expect(perAlpha).toHaveLength(19);
    expectClose(means, Object.fromEntries(keys.map((key) => [key, reference.hota[names[key]].reduce((sum, value) => sum + value, 0) / 19])));
  });

  it('has the CLEAR of TrackEval', () => {
    const scorer = new ClearScorer();
    for (const frame of judged) scorer.addFrame(frame);
    const { MOTA, MOTP, sMOTA, CLR_TP, CLR_FN, CLR_FP, IDSW, Frag, MT, PT, ML } = reference.clear;
    expectClose({ ...scorer.result() }, {
      mota: MOTA,
      motp: MOTP,
      smota: sMOTA,
      truePositives: CLR_TP,
      falsePositives: CLR_FP,
      falseNegatives: CLR_FN,
      idSwitches: IDSW,
      fragments: Frag,
      mostlyTracked: MT,
      partlyTracked: PT,
      mostlyLost: ML,
    });
  });

  it('has the IDF1 of TrackEval', () => {
    const scorer = new IdentityScorer();
    for (const frame of judged) scorer.addFrame(frame);
    const { mapping, ...mine } = scorer.result();
    const { IDF1, IDP, IDR, IDTP, IDFP, IDFN } = reference.identity;
    const isNothing = IDTP + IDFP + IDFN === 0; // TrackEval says 0 there, we say 1
    expectClose(mine, { idf1: isNothing ? 1 : IDF1, idPrecision: isNothing ? 1 : IDP, idRecall: isNothing ? 1 : IDR, truePositives: IDTP, falsePositives: IDFP, falseNegatives: IDFN });
    expect([...mapping.values()]).toHaveLength(new Set(mapping.values()).size);
  });

  it('has the STQ of deeplab2', () => {
    const scorer = new StqScorer();
    for (const frame of pairs) scorer.addFrame(frame);
    const { aq } = reference.stq;
    const sq = reference.stq.sq ?? 0; // 0/0 in the reference
    expectClose({ ...scorer.result() }, { stq: Math.sqrt(aq * sq), aq, sq });
  });

  it('has the VPQ of panopticapi for every tube length', () => {
    const scorer = new VpqScorer();
    for (const frame of pairs) scorer.addFrame(frame);
    const score = scorer.result();
    const expected = Object.values(reference.vpq).map((value) => value ?? { pq: 0, sq: 0, rq: 0, tp: 0, fp: 0, fn: 0 });
    expect(score.windows.map(({ window }) => window)).toEqual([1, 2, 4, 6, 8, 10, 'all']);
    score.windows.forEach(({ vpq, sq, rq, truePositives, falsePositives, falseNegatives }, at) =>
      expectClose({ pq: vpq, sq, rq, tp: truePositives, fp: falsePositives, fn: falseNegatives }, expected[at]!),
    );
    expect(score.vpq).toBeCloseTo(expected.reduce((sum, { pq }) => sum + pq, 0) / 7, 9);
  });

  it('has the VC of the VSPW script', () => {
    const scorer = new VideoConsistencyScorer();
    for (const frame of flat) scorer.addFrame(frame);
    expectClose({ ...scorer.result() }, { vc8: reference.vc['8'], vc16: reference.vc['16'] });
  });
});

describe.each(goldenScenes)('$name', ({ frames, reference }) => {
  const seen = frames.map(({ truth, predictions, ignored }) => ({ truth, predictions: ignored === null ? predictions : new Map([...predictions].map(([id, rle]) => [id, rleSubtract(rle, ignored)])) }));

  it('has the J and F of davis2017 for every object and track', () => {
    const none = emptyRle(80, 54);
    const mean = (score: (frame: (typeof seen)[number]) => number): number => seen.reduce((sum, frame) => sum + score(frame), 0) / seen.length;
    for (const { truth, track, j, f } of reference.davis) {
      expect({ truth, track, j: mean((frame) => regionSimilarity(frame.predictions.get(track) ?? none, frame.truth.get(truth) ?? none)).toFixed(7) }).toEqual({ truth, track, j: j.toFixed(7) });
      expect({ truth, track, f: mean((frame) => contourAccuracy(decodeRle(frame.predictions.get(track) ?? none), decodeRle(frame.truth.get(truth) ?? none))).toFixed(7) }).toEqual({ truth, track, f: f.toFixed(7) });
    }
  });

  it('has the J of davis2017 for the track that follows an object best', () => {
    const scorer = new BestTrackScorer();
    seen.forEach((frame, at) => scorer.addFrame(at, frame.predictions, frame.truth));
    for (const { truthId, bestTrack, bestTrackJAllFrames } of scorer.result()) {
      const expected = reference.davis.find(({ truth, track }) => truth === truthId && track === bestTrack);
      if (bestTrack !== null) expect(bestTrackJAllFrames).toBeCloseTo(expected!.j, 7);
    }
  });
});

describe('pictures of other sizes', () => {
  it.each(goldenContours)('have the J and F of davis2017 at $width x $height', ({ truth, predicted, ignored, j, f }) => {
    const seen = rleSubtract(predicted, ignored);
    expect(regionSimilarity(seen, truth)).toBeCloseTo(j, 7);
    expect(contourAccuracy(decodeRle(seen), decodeRle(truth))).toBeCloseTo(f, 7);
  });
});
