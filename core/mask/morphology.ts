import { bitmaskBox, bitmaskNot, createBitmask } from './bitmask-ops';
import type { Bitmask } from './types';

/** Neighbourhood of radius r: 'disk' is dx^2 + dy^2 <= r^2 (skimage `disk(r)`), 'square' is (2r + 1) x (2r + 1). */
export type StructuringElement = 'disk' | 'square';

/** Half width of the neighbourhood on each row offset 0..radius. */
function halfWidths(radius: number, element: StructuringElement): Int32Array {
  if (!Number.isInteger(radius) || radius < 0) throw new RangeError(`radius must be a non-negative integer, got ${radius}`);
  return Int32Array.from({ length: radius + 1 }, (_, dy) =>
    element === 'square' ? radius : Math.floor(Math.sqrt(radius * radius - dy * dy)),
  );
}

/**
 * Every pixel within `radius` of a set pixel. Each row run is stamped once per row offset into a difference image, so the
 * cost grows with the runs and the box, not with radius squared. Pixels outside the picture count as not set.
 */
export function dilate(mask: Bitmask, radius: number, element: StructuringElement = 'disk'): Bitmask {
  const { width, height, data } = mask;
  const half = halfWidths(radius, element);
  const out = createBitmask(width, height);
  const [, y0, , y1] = bitmaskBox(mask);
  if (y1 === 0) return out;
  const top = Math.max(0, y0 - radius);
  const bottom = Math.min(height, y1 + radius);
  const stride = width + 1;
  const steps = new Int32Array((bottom - top) * stride);
  for (let y = y0; y < y1; y++) {
    const rowEnd = (y + 1) * width;
    let start = data.indexOf(1, y * width);
    while (start >= 0 && start < rowEnd) {
      let end = start + 1;
      while (end < rowEnd && data[end]) end++;
      const x0 = start - y * width;
      const x1 = end - y * width;
      for (let dy = -radius; dy <= radius; dy++) {
        const yy = y + dy;
        if (yy < top || yy >= bottom) continue;
        const w = half[dy < 0 ? -dy : dy]!;
        const row = (yy - top) * stride;
        steps[row + (x0 > w ? x0 - w : 0)]! += 1;
        steps[row + (x1 + w < width ? x1 + w : width)]! -= 1;
      }
      start = end < rowEnd ? data.indexOf(1, end) : -1;
    }
  }
  for (let y = top; y < bottom; y++) {
    let depth = 0;
    for (let x = 0; x < width; x++) {
      depth += steps[(y - top) * stride + x]!;
      out.data[y * width + x] = depth > 0 ? 1 : 0;
    }
  }
  return out;
}

/** Pixels all of whose neighbours within `radius` are set; the picture's edge does not erode (pixels outside are ignored). */
export function erode(mask: Bitmask, radius: number, element: StructuringElement = 'disk'): Bitmask {
  return bitmaskNot(dilate(bitmaskNot(mask), radius, element));
}

/**
 * One-pixel boundary: pixels that differ from their right, lower or lower right neighbour (the definition behind the
 * DAVIS contour measure, Perazzi et al. 2016, `seg2bmap`). The last row looks only right, the last column only down,
 * and the last pixel is never boundary; so a mask touching the right or lower edge has no boundary there.
 */
export function boundary(mask: Bitmask): Bitmask {
  const { width, height, data } = mask;
  const out = createBitmask(width, height);
  if (width === 0 || height === 0) return out;
  for (let y = 0; y + 1 < height; y++) {
    const row = y * width;
    const end = row + width - 1;
    for (let p = row; p < end; p++) {
      const v = data[p]!;
      out.data[p] = (v ^ data[p + 1]!) | (v ^ data[p + width]!) | (v ^ data[p + width + 1]!);
    }
    out.data[end] = data[end]! ^ data[end + width]!;
  }
  const last = (height - 1) * width;
  for (let p = last; p < last + width - 1; p++) out.data[p] = data[p]! ^ data[p + 1]!;
  return out;
}
