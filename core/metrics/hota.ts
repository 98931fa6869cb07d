import { assignMinCost } from '../matching/linear-assignment';
import type { HotaAlignment } from './hota-alignment';
import type { JudgedFrame } from './judged-frame';
import { ratio } from './pair-counts';

/** One localisation threshold, or the mean over all of them; ratios 0..1. */
export interface HotaValues {
  readonly hota: number;
  /** Detection: found and true over found or true; recall; precision. */
  readonly detA: number;
  readonly detRe: number;
  readonly detPr: number;
  /** Association: how much of their lives a matched object and track share, mean over matched detections. */
  readonly assA: number;
  readonly assRe: number;
  readonly assPr: number;
  /** Mean IoU of what is matched; 1 without a match. */
  readonly locA: number;
}

export interface HotaScore extends HotaValues {
  readonly perAlpha: readonly (HotaValues & { readonly alpha: number })[];
}

/** IoU thresholds 0.05, 0.10 … 0.95, with the rounding errors of the reference. */
const ALPHAS = Array.from({ length: 19 }, (_, i) => 0.05 + i * 0.05);

/**
 * HOTA = sqrt(DetA * AssA), mean over 19 IoU thresholds (Luiten et al., "HOTA: A Higher Order Metric for Evaluating
 * Multi-Object Tracking", 2020; `metrics/hota.py` of TrackEval). Second pass: construct it with the alignment of all
 * frames, call `addFrame` for the same frames again, then `result`. On each frame one assignment maximises alignment x IoU;
 * a threshold then drops the matched pairs below it. Without truth or without tracks all values are 0 but LocA, which is 1.
 * Memory grows with the pairs that are ever matched.
 */
export class HotaScorer {
  private readonly matches = new Map<number, Map<number, Uint32Array>>();
  private readonly truePositives = new Float64Array(ALPHAS.length);
  private readonly iouSums = new Float64Array(ALPHAS.length);
  private truthDetections = 0;
  private trackDetections = 0;

  constructor(private readonly global: HotaAlignment) {}

  addFrame({ truthIds, trackIds, iou }: JudgedFrame): void {
    this.truthDetections += truthIds.length;
    this.trackDetections += trackIds.length;
    const columns = trackIds.length;
    const cost = iou.map((value, at) => (value === 0 ? 0 : -value * this.global.alignment(truthIds[Math.floor(at / columns)]!, trackIds[at % columns]!)));
    for (const { row, col } of assignMinCost(cost, truthIds.length, columns)) {
      const similarity = iou[row * columns + col]!;
      const passed = ALPHAS.filter((alpha) => similarity >= alpha - Number.EPSILON).length;
      if (passed === 0) continue;
      const counts = this.countsOf(truthIds[row]!, trackIds[col]!);
      for (let a = 0; a < passed; a++) {
        counts[a]!++;
        this.truePositives[a]!++;
        this.iouSums[a]! += similarity;
      }
    }
  }

  result(): HotaScore {
    const perAlpha = ALPHAS.map((alpha, a) => ({ alpha: Number(alpha.toFixed(2)), ...this.atThreshold(a) }));
    const mean = (key: keyof HotaValues): number => perAlpha.reduce((sum, values) => sum + values[key], 0) / ALPHAS.length;
    return {
      hota: mean('hota'),
      detA: mean('detA'),
      detRe: mean('detRe'),
      detPr: mean('detPr'),
      assA: mean('assA'),
      assRe: mean('assRe'),
      assPr: mean('assPr'),
      locA: mean('locA'),
      perAlpha,
    };
  }

  private atThreshold(a: number): HotaValues {
    const found = this.truePositives[a]!;
    let [assA, assRe, assPr] = [0, 0, 0];
    for (const [truthId, row] of this.matches)
      for (const [trackId, counts] of row) {
        const matched = counts[a]!;
        const [real, shown] = [this.global.framesOfTruth(truthId), this.global.framesOfTrack(trackId)];
        assA += (matched * matched) / (real + shown - matched);
        assRe += (matched * matched) / real;
        assPr += (matched * matched) / shown;
      }
    const detA = ratio(found, this.truthDetections + this.trackDetections - found, 0);
    return {
      hota: Math.sqrt(detA * ratio(assA, found, 0)),
      detA,
      detRe: ratio(found, this.truthDetections, 0),
      detPr: ratio(found, this.trackDetections, 0),
      assA: ratio(assA, found, 0),
      assRe: ratio(assRe, found, 0),
      assPr: ratio(assPr, found, 0),
      locA: ratio(this.iouSums[a]!, found, 1),
    };
  }

  private countsOf(truthId: number, trackId: number): Uint32Array {
    let row = this.matches.get(truthId);
    if (!row) this.matches.set(truthId, (row = new Map()));
    let counts = row.get(trackId);
    if (!counts) row.set(trackId, (counts = new Uint32Array(ALPHAS.length)));
    return counts;
  }
}
