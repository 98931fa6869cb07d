import type { BoxXywh } from '../geometry/boxes';
import type { Bitmask, Rle } from './types';

/**
 * Bitmask to COCO run lengths. A run starts wherever a pixel differs from the one above it (or, on the top row, from the
 * bottom of the column to the left). Rows are scanned in memory order, four pixels per comparison, and the few
 * differences are put in column order by a counting sort, so the cost hardly depends on the mask.
 * Throws RangeError when `data` does not have width*height elements.
 */
export function encodeRle(mask: Bitmask): Rle {
  const { width, height, data } = mask;
  const total = width * height;
  if (data.length !== total) throw new RangeError(`mask of ${width}x${height} needs ${total} values, got ${data.length}`);
  if (total === 0) return { width, height, counts: new Uint32Array(1) };
  const stride = alignedStride(width);
  const rows = stride === width && data.byteOffset % 4 === 0 ? data : padRows(data, width, stride, height);
  const changes = findChanges(rows, width, stride, height);
  const starts = sortByColumn(changes, width, stride, height);
  return rleFromStarts(starts, width, height);
}

/** Run lengths from the ascending column-major indices at which runs start: set ones, clear ones, and so on in turn. */
export function rleFromStarts(starts: ArrayLike<number>, width: number, height: number): Rle {
  const counts = new Uint32Array(starts.length + 1);
  let previous = 0;
  for (let i = 0; i < starts.length; i++) {
    counts[i] = starts[i]! - previous;
    previous = starts[i]!;
  }
  counts[starts.length] = width * height - previous;
  return { width, height, counts };
}

/** Next multiple of four. */
function alignedStride(width: number): number {
  return (width + 3) & ~3;
}

function padRows(data: Uint8Array, width: number, stride: number, height: number): Uint8Array {
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * stride);
  return rows;
}

/** Indices y * stride + x of all pixels that start a run, in row-major order. */
function findChanges(rows: Uint8Array, width: number, stride: number, height: number): Uint32Array {
  let list = new Uint32Array(4096);
  let n = 0;
  const last = (height - 1) * stride;
  let previous = 0;
  for (let x = 0; x < width; x++) {
    if (rows[x] !== previous) {
      if (n === list.length) list = grow(list);
      list[n++] = x;
    }
    previous = rows[last + x]!;
  }
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length >> 2);
  const step = stride >> 2;
  for (let w = step; w < words.length; w++) {
    if (words[w] === words[w - step]) continue;
    if (n + 4 > list.length) list = grow(list);
    const from = w << 2;
    for (let p = from; p < from + 4; p++) if (rows[p] !== rows[p - stride]) list[n++] = p;
  }
  return list.subarray(0, n);
}

function grow(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(list.length * 2);
  bigger.set(list);
  return bigger;
}

/** Indices y * stride + x to ascending column-major indices x * height + y. */
function sortByColumn(indices: Uint32Array, width: number, stride: number, height: number): Uint32Array {
  const n = indices.length;
  const columns = new Uint32Array(n);
  const slot = new Uint32Array(width + 1);
  for (let i = 0; i < n; i++) {
    const x = indices[i]! % stride;
    columns[i] = x;
    slot[x + 1]!++;
  }
  for (let x = 0; x < width; x++) slot[x + 1]! += slot[x]!;
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const x = columns[i]!;
    out[slot[x]!++] = x * height + (indices[i]! - x) / stride;
  }
  return out;
}

/**
 * COCO run lengths to a bitmask. Marks the run borders, then carries them down the rows with XOR, four pixels at a time.
 * Throws RangeError when the runs do not add up to width*height.
 */
export function decodeRle(rle: Rle): Bitmask {
  const { width, height, counts } = rle;
  const total = width * height;
  const stride = alignedStride(width);
  const rows = new Uint8Array(stride * height);
  let firstRow = height;
  let lastRow = -1;
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const start = position;
    position += counts[i]!;
    if (position > total) break;
    if ((i & 1) === 0 || position === start) continue;
    const x0 = Math.floor(start / height);
    const y0 = start - x0 * height;
    const x1 = Math.floor((position - 1) / height);
    const y1 = position - x1 * height; // 1..height, exclusive
    rows[y0 * stride + x0]! ^= 1;
    for (let x = x0 + 1; x <= x1; x++) rows[x] = 1;
    if (y1 < height) rows[y1 * stride + x1]! ^= 1;
    if (x1 > x0) {
      firstRow = 0;
      lastRow = height - 1;
    } else {
      if (y0 < firstRow) firstRow = y0;
      if (y1 - 1 > lastRow) lastRow = y1 - 1;
    }
  }
  if (position !== total) throw new RangeError(`runs add up to ${position}, a ${width}x${height} mask needs ${total}`);
  carryDown(rows, stride, firstRow + 1, Math.min(lastRow + 2, height));
  return { width, height, data: stride === width ? rows : unpadRows(rows, width, stride, height) };
}

/** For rows [fromRow, toRow): row ^= row above. */
function carryDown(rows: Uint8Array, stride: number, fromRow: number, toRow: number): void {
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length >> 2);
  const step = stride >> 2;
  for (let w = fromRow * step; w < toRow * step; w++) words[w]! ^= words[w - step]!;
}

function unpadRows(rows: Uint8Array, width: number, stride: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) data.set(rows.subarray(y * stride, y * stride + width), y * width);
  return data;
}

/** An all-zero mask. */
export function emptyRle(width: number, height: number): Rle {
  return { width, height, counts: Uint32Array.of(width * height) };
}

/** Number of set pixels. */
export function rleArea(rle: Rle): number {
  const { counts } = rle;
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i]!;
  return area;
}

/** True when no pixel is set. */
export function isEmptyRle(rle: Rle): boolean {
  return rleArea(rle) === 0;
}

/** Whether the pixel in column x and row y is set; false outside the picture. */
export function rleHasPixel(rle: Rle, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= rle.width || y >= rle.height) return false;
  let left = x * rle.height + y;
  let run = 0;
  while (left >= rle.counts[run]!) left -= rle.counts[run++]!;
  return run % 2 === 1;
}

/** True when both hold the same pixels; canonical runs are assumed. */
export function rleEquals(a: Rle, b: Rle): boolean {
  if (a.width !== b.width || a.height !== b.height || a.counts.length !== b.counts.length) return false;
  for (let i = 0; i < a.counts.length; i++) if (a.counts[i] !== b.counts[i]) return false;
  return true;
}

/** Tight box [x, y, width, height] in pixels as pycocotools `toBbox`; [0, 0, 0, 0] for an empty mask. */
export function rleToBoxXywh(rle: Rle): BoxXywh {
  const { width, height, counts } = rle;
  let x0 = width;
  let y0 = height;
  let x1 = -1;
  let y1 = -1;
  let position = 0;
  for (let i = 0; i + 1 < counts.length; i += 2) {
    const start = position + counts[i]!;
    position = start + counts[i + 1]!;
    if (position === start) continue;
    const startX = Math.floor(start / height);
    const endX = Math.floor((position - 1) / height);
    if (startX < x0) x0 = startX;
    if (endX > x1) x1 = endX;
    if (endX > startX) {
      y0 = 0;
      y1 = height - 1;
    } else {
      const startY = start - startX * height;
      const endY = position - 1 - endX * height;
      if (startY < y0) y0 = startY;
      if (endY > y1) y1 = endY;
    }
  }
  return x1 < 0 ? [0, 0, 0, 0] : [x0, y0, x1 - x0 + 1, y1 - y0 + 1];
}

/** Mean pixel index (x, y) of the set pixels, where the top left pixel is (0, 0); null for an empty mask. */
export function rleCentroid(rle: Rle): { readonly x: number; readonly y: number } | null {
  const { height, counts } = rle;
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  let position = 0;
  for (let i = 0; i + 1 < counts.length; i += 2) {
    position += counts[i]!;
    let left = counts[i + 1]!;
    area += left;
    let x = Math.floor(position / height);
    let y = position - x * height;
    position += left;
    while (left > 0) {
      const length = Math.min(left, height - y);
      sumX += x * length;
      sumY += length * y + (length * (length - 1)) / 2;
      left -= length;
      x++;
      y = 0;
    }
  }
  return area === 0 ? null : { x: sumX / area, y: sumY / area };
}
