import type { BoxXyxy } from '../geometry/boxes';

/** Pixels within which a box side counts as touching an edge (segment_anything/utils/amg.py, is_box_near_crop_edge). */
const EDGE_TOLERANCE_PX = 20;

/**
 * True when a side of `box` lies at the same side of the crop, and that is not also the picture's edge: the object is
 * probably cut off by the crop. `box` is in picture pixels with inclusive corners, as SAM has them.
 */
export function isNearCropEdge(box: BoxXyxy, crop: BoxXyxy, imageWidth: number, imageHeight: number): boolean {
  const image = [0, 0, imageWidth, imageHeight] as const;
  for (let side = 0; side < 4; side++) {
    const atCrop = Math.abs(box[side]! - crop[side]!) <= EDGE_TOLERANCE_PX;
    const atImage = Math.abs(box[side]! - image[side]!) <= EDGE_TOLERANCE_PX;
    if (atCrop && !atImage) return true;
  }
  return false;
}
