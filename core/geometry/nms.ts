import { rleIntersectionArea } from '../mask/rle-ops';
import { rleArea, rleToBoxXywh } from '../mask/rle';
import type { Rle } from '../mask/types';
import { boxXywhToXyxy, boxesOverlap, type BoxXyxy } from './boxes';

/**
 * Indices ordered by descending score; ties by ascending index. NaN scores come last.
 */
export function orderByScore(scores: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i);
  const key = (i: number): number => (Number.isNaN(scores[i]!) ? -Infinity : scores[i]!);
  return order.sort((a, b) => {
    const ka = key(a);
    const kb = key(b);
    return ka === kb ? a - b : kb > ka ? 1 : -1;
  });
}

/**
 * Box non-maximum suppression with the meaning of `torchvision.ops.nms`: a box is dropped when its IoU with a kept box
 * of higher score is strictly greater than `iouThresh`. Returns kept indices by descending score, ties by index.
 */
export function nms(boxes: readonly BoxXyxy[], scores: ArrayLike<number>, iouThresh: number): number[] {
  return suppressBoxes(boxes, scores, iouThresh, undefined);
}

/** As `nms`, but only boxes of the same group (class, crop, frame) suppress each other (`torchvision.ops.batched_nms`). */
export function batchedNms(
  boxes: readonly BoxXyxy[],
  scores: ArrayLike<number>,
  groups: ArrayLike<number>,
  iouThresh: number,
): number[] {
  if (groups.length !== boxes.length) throw new RangeError(`${boxes.length} boxes but ${groups.length} groups`);
  return suppressBoxes(boxes, scores, iouThresh, groups);
}

function suppressBoxes(
  boxes: readonly BoxXyxy[],
  scores: ArrayLike<number>,
  iouThresh: number,
  groups: ArrayLike<number> | undefined,
): number[] {
  const n = boxes.length;
  if (scores.length !== n) throw new RangeError(`${n} boxes but ${scores.length} scores`);
  const order = orderByScore(scores);
  const flat = new Float64Array(n * 4);
  const area = new Float64Array(n);
  const group = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const box = boxes[order[k]!]!;
    flat.set(box, k * 4);
    area[k] = Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1]);
    group[k] = groups ? groups[order[k]!]! : 0;
  }
  const dropped = new Uint8Array(n);
  const kept: number[] = [];
  for (let i = 0; i < n; i++) {
    if (dropped[i]) continue;
    kept.push(order[i]!);
    const x0 = flat[i * 4]!;
    const y0 = flat[i * 4 + 1]!;
    const x1 = flat[i * 4 + 2]!;
    const y1 = flat[i * 4 + 3]!;
    for (let j = i + 1; j < n; j++) {
      if (dropped[j] || group[j] !== group[i]) continue;
      const w = Math.min(x1, flat[j * 4 + 2]!) - Math.max(x0, flat[j * 4]!);
      if (w <= 0) continue;
      const h = Math.min(y1, flat[j * 4 + 3]!) - Math.max(y0, flat[j * 4 + 1]!);
      if (h <= 0) continue;
      const intersection = w * h;
      if (intersection / (area[i]! + area[j]! - intersection) > iouThresh) dropped[j] = 1;
    }
  }
  return kept;
}

/**
 * Mask non-maximum suppression: as `nms` with mask IoU. Pairs whose boxes do not overlap, or whose areas alone rule the
 * threshold out, are never intersected. Returns kept indices by descending score, ties by index.
 */
export function maskNms(masks: readonly Rle[], scores: ArrayLike<number>, iouThresh: number): number[] {
  const n = masks.length;
  if (scores.length !== n) throw new RangeError(`${n} masks but ${scores.length} scores`);
  const order = orderByScore(scores);
  const area = masks.map(rleArea);
  const boxes = masks.map((mask) => boxXywhToXyxy(rleToBoxXywh(mask)));
  const kept: number[] = [];
  for (const i of order) {
    const suppressed = kept.some((k) => {
      const small = Math.min(area[i]!, area[k]!);
      const large = Math.max(area[i]!, area[k]!);
      if (small === 0 || small / large <= iouThresh || !boxesOverlap(boxes[i]!, boxes[k]!)) return false;
      const intersection = rleIntersectionArea(masks[i]!, masks[k]!);
      return intersection / (small + large - intersection) > iouThresh;
    });
    if (!suppressed) kept.push(i);
  }
  return kept;
}
