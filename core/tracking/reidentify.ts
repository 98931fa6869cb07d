import { boxXywhToXyxy } from '../geometry/boxes';
import { rleArea, rleCentroid, rleToBoxXywh } from '../mask/rle';
import { areaFactorAfter, reachAfter } from '../matching/gap-limits';
import { assignWithGate } from '../matching/linear-assignment';
import { appearanceDrop, cosine } from './appearance';
import type { DetectionCandidate } from './detection-candidates';
import type { Track } from './track';

/** Worst drop below an object's usual similarity, in its own standard deviations. */
const MAX_DROP = 2.5;
/** No match below this cosine, whatever the history. */
const MIN_COSINE = 0.6;

/**
 * Lost tracks that a detection shows again; pairs of indices. Look, area and place must all fit: similarity to the object's
 * own prototype as usual for it, area within a factor that grows from 1.6 with the gap, distance within the object's own size
 * plus what a moving object may cover in the gap. Optimal one-to-one assignment on cosine.
 */
export function reidentify(
  lost: readonly Track[],
  detections: readonly DetectionCandidate[],
  views: readonly Float32Array[],
  position: number,
): { readonly track: number; readonly detection: number }[] {
  const cost = new Float64Array(lost.length * detections.length);
  for (const [t, track] of lost.entries()) {
    for (const [d, detection] of detections.entries()) {
      cost[t * detections.length + d] = looksLikeLost(track, detection, views[d]!, position) ? 1 - cosine(track.appearance.prototype, views[d]!) : Infinity;
    }
  }
  return assignWithGate(cost, lost.length, detections.length, 1 - MIN_COSINE).map(({ row, col }) => ({ track: row, detection: col }));
}

/** Whether look, area and place of a detection fit a lost track, whichever other detections do so too. */
export function looksLikeLost(track: Track, detection: DetectionCandidate, view: Float32Array, position: number): boolean {
  return placeFits(track, detection, Math.abs(position - track.lastSeen)) && lookFits(track, view);
}

function lookFits(track: Track, view: Float32Array): boolean {
  return appearanceDrop(track.appearance, view) <= MAX_DROP;
}

function placeFits(track: Track, detection: DetectionCandidate, gap: number): boolean {
  const factor = areaFactorAfter(gap);
  const ratio = detection.area / Math.max(1, rleArea(track.lastMask));
  if (ratio > factor || ratio < 1 / factor) return false;
  const was = rleCentroid(track.lastMask);
  const is = rleCentroid(detection.rle);
  if (!was || !is) return false;
  const box = boxXywhToXyxy(rleToBoxXywh(track.lastMask));
  const size = Math.max(box[2] - box[0], box[3] - box[1]);
  const span = Math.max(track.lastMask.width, track.lastMask.height);
  return Math.hypot(is.x - was.x, is.y - was.y) <= reachAfter(gap, size, span);
}
