import type { BoxXyxy } from '../geometry/boxes';
import type { Bitmask } from './types';

/** An all-zero mask. */
export function createBitmask(width: number, height: number): Bitmask {
  return { width, height, data: new Uint8Array(width * height) };
}

/** Logits (row-major, width*height) strictly above `threshold` become 1, as SAM's `mask > mask_threshold`. */
export function thresholdLogits(logits: Float32Array, width: number, height: number, threshold: number): Bitmask {
  if (logits.length < width * height) throw new RangeError(`${width}x${height} logits expected, got ${logits.length}`);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = logits[i]! > threshold ? 1 : 0;
  return { width, height, data };
}

/** Number of set pixels. */
export function bitmaskArea(mask: Bitmask): number {
  const { data } = mask;
  let area = 0;
  for (let i = 0; i < data.length; i++) area += data[i]!;
  return area;
}

/** Tight box of the set pixels with exclusive right and bottom; [0, 0, 0, 0] for an empty mask. */
export function bitmaskBox(mask: Bitmask): BoxXyxy {
  const { width, data } = mask;
  const first = data.indexOf(1);
  if (first < 0) return [0, 0, 0, 0];
  const y0 = Math.floor(first / width);
  const y1 = Math.floor(data.lastIndexOf(1) / width) + 1;
  let x0 = width;
  let x1 = 0;
  for (let y = y0; y < y1; y++) {
    const row = y * width;
    for (let x = 0; x < x0; x++) if (data[row + x]) x0 = x;
    for (let x = width - 1; x >= x1; x--) if (data[row + x]) x1 = x + 1;
  }
  return [x0, y0, x1, y1];
}

function combine(a: Bitmask, b: Bitmask, op: (a: Uint8Array, b: Uint8Array, out: Uint8Array) => void): Bitmask {
  if (a.width !== b.width || a.height !== b.height)
    throw new RangeError(`masks differ in size: ${a.width}x${a.height} and ${b.width}x${b.height}`);
  const out = createBitmask(a.width, a.height);
  op(a.data, b.data, out.data);
  return out;
}

/** Pixels set in both. Throws RangeError when the sizes differ. */
export function bitmaskAnd(a: Bitmask, b: Bitmask): Bitmask {
  return combine(a, b, (p, q, out) => {
    for (let i = 0; i < out.length; i++) out[i] = p[i]! & q[i]!;
  });
}

/** Pixels set in either. Throws RangeError when the sizes differ. */
export function bitmaskOr(a: Bitmask, b: Bitmask): Bitmask {
  return combine(a, b, (p, q, out) => {
    for (let i = 0; i < out.length; i++) out[i] = p[i]! | q[i]!;
  });
}

/** Pixels of `a` that are not in `b`. Throws RangeError when the sizes differ. */
export function bitmaskSubtract(a: Bitmask, b: Bitmask): Bitmask {
  return combine(a, b, (p, q, out) => {
    for (let i = 0; i < out.length; i++) out[i] = p[i]! & (q[i]! ^ 1);
  });
}

/** Zeros and ones exchanged. */
export function bitmaskNot(mask: Bitmask): Bitmask {
  return { width: mask.width, height: mask.height, data: mask.data.map((value) => value ^ 1) };
}

/** Nearest-neighbour resize; target pixel i reads source pixel floor((i + 0.5) * source / target). */
export function resizeBitmaskNearest(mask: Bitmask, width: number, height: number): Bitmask {
  const out = createBitmask(width, height);
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor(((x + 0.5) * mask.width) / width));
  for (let y = 0; y < height; y++) {
    const from = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    const to = y * width;
    for (let x = 0; x < width; x++) out.data[to + x] = mask.data[from + columns[x]!]!;
  }
  return out;
}
