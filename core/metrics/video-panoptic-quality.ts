import { UNJUDGED } from './label-pairs';
import { addTo, PairCounts, ratio } from './pair-counts';

/** Panoptic quality of all tubes of one length. */
export interface TubeQuality {
  /** Length of the tubes in frames; 'all' is the whole video as one tube. */
  readonly window: number | 'all';
  /** SQ * RQ, 0..1. */
  readonly vpq: number;
  /** Mean tube IoU of matched pairs; 0 without one. */
  readonly sq: number;
  /** F1 of finding tubes. */
  readonly rq: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

export interface VpqScore {
  /** Mean over all windows. */
  readonly vpq: number;
  readonly windows: readonly TubeQuality[];
}

/** Tube lengths of the VIPSeg evaluation; the whole video comes on top. */
const WINDOWS = [1, 2, 4, 6, 8, 10] as const;

interface Tally {
  readonly window: number | 'all';
  /** Pixels of the tube that ends with the newest frame. */
  readonly tube: PairCounts;
  iou: number;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

/**
 * Video panoptic quality for one class, "object" (Kim et al., "Video Panoptic Segmentation", 2020). A tube is an object over k
 * frames in a row; true and predicted tubes match at IoU > 0.5, and PQ = sum of their IoU / (TP + FP/2 + FN/2) over all
 * windows of k frames. A video shorter than k is one tube. Pixels that are not judged are taken off the union of a pair,
 * and an unmatched predicted tube with more than half of its pixels there is no false positive (as VOID in
 * panopticapi). With nothing to find and nothing found all values are 0.
 *
 * Streaming: give `addFrame` the pairs of each frame from `countLabelPairs`. Keeps the pair counts of the last 10 frames.
 */
export class VpqScorer {
  private readonly tallies: readonly Tally[] = [...WINDOWS, 'all' as const].map((window) => ({ window, tube: new PairCounts(), iou: 0, truePositives: 0, falsePositives: 0, falseNegatives: 0 }));
  private readonly recent: PairCounts[] = [];
  private frames = 0;

  addFrame(pairs: PairCounts): void {
    this.frames++;
    for (const tally of this.tallies) {
      const { window, tube } = tally;
      addAll(tube, pairs, 1);
      if (window === 'all' || this.frames < window) continue;
      if (this.frames > window) addAll(tube, this.recent[this.recent.length - window]!, -1);
      judgeTube(tally);
    }
    this.recent.push(pairs);
    if (this.recent.length > Math.max(...WINDOWS)) this.recent.shift();
  }

  /** Ends the scoring: call it once. */
  result(): VpqScore {
    if (this.frames > 0) for (const tally of this.tallies) if (tally.window === 'all' || this.frames < tally.window) judgeTube(tally);
    const windows = this.tallies.map(({ window, iou, truePositives, falsePositives, falseNegatives }): TubeQuality => {
      const half = truePositives + (falsePositives + falseNegatives) / 2;
      return { window, vpq: ratio(iou, half, 0), sq: ratio(iou, truePositives, 0), rq: ratio(truePositives, half, 0), truePositives, falsePositives, falseNegatives };
    });
    return { vpq: windows.reduce((sum, { vpq }) => sum + vpq, 0) / windows.length, windows };
  }
}

function addAll(tube: PairCounts, pairs: PairCounts, sign: number): void {
  for (const [truth, track, pixels] of pairs) tube.add(truth, track, sign * pixels);
}

function judgeTube(tally: Tally): void {
  const objects = new Map<number, number>();
  const tracks = new Map<number, number>();
  for (const [truth, track, pixels] of tally.tube) {
    if (truth > 0) addTo(objects, truth, pixels);
    if (track > 0) addTo(tracks, track, pixels);
  }
  const unjudged = (track: number): number => tally.tube.get(UNJUDGED, track);
  const matched = new Set<number>();
  for (const [truth, track, pixels] of tally.tube) {
    if (truth <= 0 || track <= 0) continue;
    const iou = pixels / (objects.get(truth)! + tracks.get(track)! - pixels - unjudged(track));
    if (iou <= 0.5) continue;
    matched.add(track);
    tally.iou += iou;
    tally.truePositives++;
  }
  tally.falseNegatives += objects.size - matched.size;
  for (const [track, area] of tracks) if (!matched.has(track) && unjudged(track) * 2 <= area) tally.falsePositives++;
}
