import type { BoxXywh } from '../geometry/boxes';
import type { Rle } from '../mask/types';

/** One mask of the automatic mask generator: SAM's fields. */
export interface MaskRecord {
  /** Mask at the size of the picture. */
  readonly rle: Rle;
  /** Set pixels. */
  readonly area: number;
  /**
   * SAM's box of the mask, [x, y, w, h] in picture pixels, where w and h are the distance from first to last pixel: one less
   * than the extent. For COCO's box use `rleToBoxXywh(rle)`.
   */
  readonly bboxXywh: BoxXywh;
  /** The model's own estimate of the mask's IoU with the truth. */
  readonly predictedIou: number;
  /** The prompt that gave the mask, [x, y] in picture pixels. */
  readonly pointCoords: readonly [number, number];
  readonly stabilityScore: number;
  /** The crop in which the mask was found, in picture pixels. */
  readonly cropBoxXywh: BoxXywh;
}
