import { boxIou, boxesOverlap, boxXywhToXyxy, type BoxXyxy } from '../geometry/boxes';
import { rleToBoxXywh } from '../mask/rle';
import type { Rle } from '../mask/types';
import type { Tube } from './pending-frame';

/** Boxes that overlap less than this are not around the same object at the same time. */
const SAME_PLACE_IOU = 0.1;

/**
 * Whether a detection of the last frame of a tube may turn out, when it is followed backward, to be the object of the tube. Where the object was followed up to
 * that frame, it is about where the detection is on some frame; one that was lost on the way may have moved by its own size since.
 */
export function mayBeTrack(tube: Tube, wasFollowed: boolean): (detection: Rle) => boolean {
  const places = tube.filter((mask) => mask !== undefined).map(boxOf);
  const isNear = wasFollowed ? (box: BoxXyxy) => places.some((place) => boxIou(place, box) >= SAME_PLACE_IOU) : (box: BoxXyxy) => places.some((place) => boxesOverlap(place, grown(box)));
  return (detection) => isNear(boxOf(detection));
}

function boxOf(mask: Rle): BoxXyxy {
  return boxXywhToXyxy(rleToBoxXywh(mask));
}

/** By its own width and height on every side. */
function grown([left, top, right, bottom]: BoxXyxy): BoxXyxy {
  const [width, height] = [right - left, bottom - top];
  return [left - width, top - height, right + width, bottom + height];
}
