import { rleToBoxXywh } from './rle';
import type { Bitmask, Rle } from './types';

/** A mask within its tight box: pixel (0, 0) of `mask` is pixel (x, y) of the picture. */
export interface CroppedMask {
  readonly x: number;
  readonly y: number;
  readonly mask: Bitmask;
}

/** The tight box of a mask and the row-major pixels in it; width and height 0 for an empty mask. */
export function cropRle(rle: Rle): CroppedMask {
  const [x, y, width, height] = rleToBoxXywh(rle);
  const data = new Uint8Array(width * height);
  let position = 0;
  for (let i = 0; i + 1 < rle.counts.length; i += 2) {
    position += rle.counts[i]!;
    const end = position + rle.counts[i + 1]!;
    for (; position < end; position++) data[((position % rle.height) - y) * width + Math.floor(position / rle.height) - x] = 1;
  }
  return { x, y, mask: { width, height, data } };
}

/** Run lengths over the row-major pixels, zeros first (0 when the first pixel is set): how CVAT stores a mask within its box. */
export function rowMajorRuns({ data }: Bitmask): number[] {
  const runs: number[] = [];
  let value = 0;
  let length = 0;
  for (const pixel of data) {
    if (pixel !== value) {
      runs.push(length);
      length = 0;
      value = pixel;
    }
    length++;
  }
  runs.push(length);
  return runs;
}
