import type { DetectionLine } from '../../contracts/artefacts';
import { maskNms } from '../geometry/nms';
import { rleArea } from '../mask/rle';
import { fromCocoRle } from '../mask/rle-string';
import type { Rle } from '../mask/types';

/** Two masks of one frame that overlap more than this are one object. */
export const DUPLICATE_IOU = 0.88;

/** A mask of the mask generator that may be, or become, an object. */
export interface DetectionCandidate {
  readonly rle: Rle;
  readonly area: number;
  /** Predicted IoU times stability, 0..1. */
  readonly quality: number;
}

/**
 * Usable masks of one detection frame, best first: at least `minArea` pixels, near-duplicates dropped. A mask over most of
 * the frame is kept, unless it duplicates another. Throws RangeError when a mask is malformed or not width x height.
 */
export function readCandidates(line: DetectionLine, width: number, height: number, minArea: number): DetectionCandidate[] {
  const all = line.masks
    .map(({ rle: coco, predictedIou, stabilityScore }) => {
      const rle = fromCocoRle(coco);
      if (rle.width !== width || rle.height !== height)
        throw new RangeError(`detections of position ${line.position} are ${rle.width}x${rle.height}, the frame is ${width}x${height}`);
      return { rle, area: rleArea(rle), quality: Math.min(1, Math.max(0, predictedIou * stabilityScore)) };
    })
    .filter(({ area }) => area >= Math.max(1, minArea));
  const ranks = all.map(({ quality, area }) => rankOf(quality, area));
  const kept = maskNms(all.map(({ rle }) => rle), all.map(({ quality }) => quality), DUPLICATE_IOU);
  return kept.sort((a, b) => ranks[b]! - ranks[a]! || a - b).map((i) => all[i]!);
}

/** Order in which objects are kept when there are too many: good masks first, of like quality the larger ones. */
export function rankOf(quality: number, area: number): number {
  return quality + 0.05 * Math.log2(Math.max(1, area));
}
