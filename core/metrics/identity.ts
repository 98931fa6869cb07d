import { assignMinCost } from '../matching/linear-assignment';
import type { JudgedFrame } from './judged-frame';
import { addTo, PairCounts, ratio } from './pair-counts';

export interface IdentityScore {
  readonly idf1: number;
  readonly idPrecision: number;
  readonly idRecall: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Truth ID -> track ID of the best one-to-one map, pairs that share at least one matched frame. */
  readonly mapping: ReadonlyMap<number, number>;
}

/**
 * IDF1 = IDTP / (IDTP + IDFP/2 + IDFN/2) under the one-to-one map of truth objects to tracks with the most matched frames
 * at IoU >= 0.5 (Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016;
 * `metrics/identity.py` of TrackEval). All three ratios are 1 where there is nothing to find and nothing was found.
 *
 * Streaming: call `addFrame` for each labelled frame, then `result`. Memory grows with the pairs of objects that match.
 */
export class IdentityScorer {
  private readonly matched = new PairCounts();
  private readonly truths = new Map<number, number>();
  private readonly tracks = new Map<number, number>();

  addFrame({ truthIds, trackIds, iou }: JudgedFrame): void {
    for (const id of truthIds) addTo(this.truths, id);
    for (const id of trackIds) addTo(this.tracks, id);
    iou.forEach((value, at) => {
      if (value >= 0.5) this.matched.add(truthIds[Math.floor(at / trackIds.length)]!, trackIds[at % trackIds.length]!);
    });
  }

  result(): IdentityScore {
    const pairs = [...this.matched];
    const truths = [...new Set(pairs.map(([truth]) => truth))].sort((a, b) => a - b);
    const tracks = [...new Set(pairs.map(([, track]) => track))].sort((a, b) => a - b);
    const cost = truths.flatMap((truth) => tracks.map((track) => 0 - this.matched.get(truth, track)));
    const mapping = new Map<number, number>();
    let truePositives = 0;
    for (const { row, col } of assignMinCost(cost, truths.length, tracks.length)) {
      const frames = this.matched.get(truths[row]!, tracks[col]!);
      if (frames === 0) continue;
      mapping.set(truths[row]!, tracks[col]!);
      truePositives += frames;
    }
    const total = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((sum, frames) => sum + frames, 0);
    const [real, predicted] = [total(this.truths), total(this.tracks)];
    return {
      idf1: ratio(2 * truePositives, predicted + real, 1),
      idPrecision: ratio(truePositives, predicted, real === 0 ? 1 : 0),
      idRecall: ratio(truePositives, real, predicted === 0 ? 1 : 0),
      truePositives,
      falsePositives: predicted - truePositives,
      falseNegatives: real - truePositives,
      mapping,
    };
  }
}
