import { UNJUDGED } from './label-pairs';
import { addTo, PairCounts, ratio } from './pair-counts';

export interface StqScore {
  /** sqrt(AQ * SQ), 0..1. */
  readonly stq: number;
  /** Association quality: how well the pixels of each true object keep one ID over the video. */
  readonly aq: number;
  /** Segmentation quality: IoU of all objects together, whatever their IDs. */
  readonly sq: number;
}

/**
 * Segmentation and tracking quality for one class, "object" (Weber et al., "STEP: Segmenting and Tracking Every Pixel", 2021;
 * `evaluation/numpy/segmentation_and_tracking_quality.py` of deeplab2). AQ is the mean over true objects g of
 * sum over tracks p of |p and g| * IoU(p, g) / |g|, where sizes are pixels over the whole video. As nothing here has a class,
 * SQ is the IoU of that one class; the background is not averaged in. Pixels that are not judged count nowhere. Without truth
 * both are 0.
 *
 * Streaming: give `addFrame` the pairs of each frame from `countLabelPairs`. Memory grows with the pairs that ever overlap.
 */
export class StqScorer {
  private readonly pairs = new PairCounts();

  addFrame(pairs: PairCounts): void {
    for (const [truth, track, pixels] of pairs) if (truth !== UNJUDGED) this.pairs.add(truth, track, pixels);
  }

  result(): StqScore {
    const objects = new Map<number, number>();
    const tracks = new Map<number, number>();
    let [shared, union] = [0, 0];
    for (const [truth, track, pixels] of this.pairs) {
      if (truth !== 0) addTo(objects, truth, pixels);
      if (track !== 0) addTo(tracks, track, pixels);
      if (truth !== 0 && track !== 0) shared += pixels;
      if (truth !== 0 || track !== 0) union += pixels;
    }
    let sum = 0;
    for (const [truth, track, pixels] of this.pairs) {
      if (truth === 0 || track === 0) continue;
      const size = objects.get(truth)!;
      sum += (pixels / size) * (pixels / (size + tracks.get(track)! - pixels));
    }
    const aq = ratio(sum, objects.size, 0);
    const sq = ratio(shared, union, 0);
    return { stq: Math.sqrt(aq * sq), aq, sq };
  }
}
