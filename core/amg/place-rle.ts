import type { Rle } from '../mask/types';

/**
 * The mask `part` laid into an otherwise empty width x height picture with its top left pixel at (x0, y0): SAM's
 * uncrop_masks, straight on the runs.
 * @throws RangeError when the part does not fit inside.
 */
export function placeRle(part: Rle, x0: number, y0: number, width: number, height: number): Rle {
  if (x0 < 0 || y0 < 0 || x0 + part.width > width || y0 + part.height > height)
    throw new RangeError(`a ${part.width}x${part.height} mask at (${x0}, ${y0}) does not fit in ${width}x${height}`);
  if (part.width === width && part.height === height) return part;
  const counts = new RunWriter(part.counts.length + 2 * part.width + 2);
  const partHeight = part.height;
  let position = 0;
  for (let i = 0; i + 1 < part.counts.length; i += 2) {
    position += part.counts[i]!;
    let left = part.counts[i + 1]!;
    let x = Math.floor(position / partHeight);
    let y = position - x * partHeight;
    position += left;
    while (left > 0) {
      const length = Math.min(left, partHeight - y);
      counts.addOnes((x0 + x) * height + y0 + y, length);
      left -= length;
      x++;
      y = 0;
    }
  }
  return { width, height, counts: counts.finish(width * height) };
}

/** Collects runs of ones in ascending order and joins those that touch. */
class RunWriter {
  private readonly counts: Uint32Array;
  private used = 0;
  private end = 0;

  constructor(capacity: number) {
    this.counts = new Uint32Array(capacity);
  }

  addOnes(start: number, length: number): void {
    if (this.used > 0 && start === this.end) this.counts[this.used - 1]! += length;
    else {
      this.counts[this.used++] = start - this.end;
      this.counts[this.used++] = length;
    }
    this.end = start + length;
  }

  finish(total: number): Uint32Array {
    if (this.used === 0 || this.end < total) this.counts[this.used++] = total - this.end;
    return this.counts.slice(0, this.used);
  }
}
