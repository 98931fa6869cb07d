import { boxXywhToXyxy, boxesOverlap, type BoxXyxy } from '../geometry/boxes';
import { emptyRle, rleArea, rleToBoxXywh } from './rle';
import type { Rle } from './types';

/** What the pair comparisons need to skip a pair early; compute once per mask with `describeRle`. */
export interface RleExtent {
  readonly area: number;
  readonly box: BoxXyxy;
}

/** Area and tight box (exclusive right/bottom) of a mask. */
export function describeRle(rle: Rle): RleExtent {
  return { area: rleArea(rle), box: boxXywhToXyxy(rleToBoxXywh(rle)) };
}

function checkSameSize(a: Rle, b: Rle): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new RangeError(`masks differ in size: ${a.width}x${a.height} and ${b.width}x${b.height}`);
}

/** Number of pixels set in both masks, straight on the runs. Throws RangeError when the sizes differ. */
export function rleIntersectionArea(a: Rle, b: Rle): number {
  checkSameSize(a, b);
  const ca = a.counts;
  const cb = b.counts;
  const na = ca.length - 1;
  const nb = cb.length - 1;
  if (na < 1 || nb < 1) return 0;
  let i = 1;
  let j = 1;
  let startA = ca[0]!;
  let endA = startA + ca[1]!;
  let startB = cb[0]!;
  let endB = startB + cb[1]!;
  let area = 0;
  for (;;) {
    const start = startA > startB ? startA : startB;
    const end = endA < endB ? endA : endB;
    if (end > start) area += end - start;
    if (endA <= endB) {
      i += 2;
      if (i > na) return area;
      startA = endA + ca[i - 1]!;
      endA = startA + ca[i]!;
    } else {
      j += 2;
      if (j > nb) return area;
      startB = endB + cb[j - 1]!;
      endB = startB + cb[j]!;
    }
  }
}

/** As `rleIntersectionArea`, 0 without touching the runs when the boxes are apart. */
export function rleIntersectionAreaWithin(a: Rle, b: Rle, extentA: RleExtent, extentB: RleExtent): number {
  return boxesOverlap(extentA.box, extentB.box) ? rleIntersectionArea(a, b) : 0;
}

/** Number of pixels set in one mask and not in the other. */
export function rleDifferenceArea(a: Rle, b: Rle): number {
  return rleArea(a) + rleArea(b) - 2 * rleIntersectionArea(a, b);
}

/** Number of pixels set in either mask. */
export function rleUnionArea(a: Rle, b: Rle): number {
  return rleArea(a) + rleArea(b) - rleIntersectionArea(a, b);
}

/** Intersection over union in 0..1; 0 when both are empty. Throws RangeError when the sizes differ. */
export function rleIou(a: Rle, b: Rle): number {
  const intersection = rleIntersectionArea(a, b);
  return intersection === 0 ? 0 : intersection / (rleArea(a) + rleArea(b) - intersection);
}

/** As `rleIou`, with areas known and an early 0 when the boxes are apart. */
export function rleIouWithin(a: Rle, b: Rle, extentA: RleExtent, extentB: RleExtent): number {
  const intersection = rleIntersectionAreaWithin(a, b, extentA, extentB);
  return intersection === 0 ? 0 : intersection / (extentA.area + extentB.area - intersection);
}

/** Share of the pixels of `a` that lie in `b`, 0..1; 0 when `a` is empty. */
export function rleContainment(a: Rle, b: Rle): number {
  const area = rleArea(a);
  return area === 0 ? 0 : rleIntersectionArea(a, b) / area;
}

/** IoU of every pair, row-major [as.length x bs.length]; pairs with boxes apart cost nothing. */
export function rleIouMatrix(as: readonly Rle[], bs: readonly Rle[]): Float64Array {
  const extentsA = as.map(describeRle);
  const extentsB = as === bs ? extentsA : bs.map(describeRle);
  const out = new Float64Array(as.length * bs.length);
  for (let i = 0; i < as.length; i++) {
    for (let j = 0; j < bs.length; j++) {
      out[i * bs.length + j] =
        as === bs && j < i ? out[j * bs.length + i]! : rleIouWithin(as[i]!, bs[j]!, extentsA[i]!, extentsB[j]!);
    }
  }
  return out;
}

/**
 * Runs of a pixelwise combination of two masks; bit (a + 2b) of `truth` is the result for pixel values a and b.
 * Truth tables must map (0, 0) to 0.
 */
function combine(a: Rle, b: Rle, truth: number): Rle {
  checkSameSize(a, b);
  const ca = a.counts;
  const cb = b.counts;
  const total = a.width * a.height;
  const counts = new Uint32Array(ca.length + cb.length + 1);
  let n = 0; // closed runs
  let current = 0;
  let runStart = 0;
  let position = 0;
  let i = 0;
  let j = 0;
  let endA = ca[0] ?? total;
  let endB = cb[0] ?? total;
  while (position < total) {
    while (endA <= position) endA += ++i < ca.length ? ca[i]! : total;
    while (endB <= position) endB += ++j < cb.length ? cb[j]! : total;
    const value = (truth >> ((i & 1) | ((j & 1) << 1))) & 1;
    if (value !== current) {
      counts[n++] = position - runStart;
      runStart = position;
      current = value;
    }
    position = endA < endB ? endA : endB;
  }
  counts[n++] = total - runStart;
  return { width: a.width, height: a.height, counts: counts.slice(0, n) };
}

/** Pixels set in either mask. */
export function rleUnion(a: Rle, b: Rle): Rle {
  return combine(a, b, 0b1110);
}

/** Pixels set in both masks. */
export function rleIntersection(a: Rle, b: Rle): Rle {
  return combine(a, b, 0b1000);
}

/** Pixels of `a` that are not in `b`. */
export function rleSubtract(a: Rle, b: Rle): Rle {
  return combine(a, b, 0b0010);
}

/** Union or intersection of one or more masks of one size (pycocotools `merge`). Throws RangeError for an empty list. */
export function rleMerge(masks: readonly Rle[], mode: 'union' | 'intersect'): Rle {
  if (masks.length === 0) throw new RangeError('nothing to merge: the list of masks is empty');
  // Halving keeps long unions near n log n instead of n squared.
  let level = masks.slice();
  while (level.length > 1) {
    const next: Rle[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const a = level[i]!;
      const b = level[i + 1];
      next.push(b === undefined ? a : mode === 'union' ? rleUnion(a, b) : rleIntersection(a, b));
    }
    level = next;
  }
  return level[0]!;
}

/** Mask moved by whole pixels; what leaves the picture is lost. */
export function rleTranslate(rle: Rle, dx: number, dy: number): Rle {
  const { width, height, counts } = rle;
  if (!Number.isInteger(dx) || !Number.isInteger(dy)) throw new RangeError(`shift (${dx}, ${dy}) is not in whole pixels`);
  if (width === 0 || height === 0) return emptyRle(width, height);
  const out: number[] = [];
  let written = 0; // pixels covered by `out`
  let position = 0;
  for (let i = 0; i + 1 < counts.length; i += 2) {
    position += counts[i]!;
    let x = Math.floor(position / height);
    let y = position - x * height;
    let left = counts[i + 1]!;
    position += left;
    while (left > 0) {
      const length = Math.min(left, height - y);
      const from = Math.max(0, y + dy);
      const to = Math.min(height, y + length + dy);
      if (x + dx >= 0 && x + dx < width && to > from) {
        const start = (x + dx) * height + from;
        if (out.length > 0 && start === written) out[out.length - 1]! += to - from;
        else out.push(start - written, to - from);
        written = (x + dx) * height + to;
      }
      left -= length;
      x++;
      y = 0;
    }
  }
  if (written < width * height || out.length === 0) out.push(width * height - written);
  return { width, height, counts: Uint32Array.from(out) };
}
