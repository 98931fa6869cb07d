import { fromCocoRle } from '../core/mask/rle-string';
import type { BestMask } from './object-timelines';

/** The picture of an object in lists: which piece of which frame, and which part of that piece is the object. */
export interface Thumbnail {
  /** Seconds of the frame it is cut from. */
  readonly time: number;
  readonly position: number;
  /** Left, top and side of a square in mask pixels; may reach over the frame's border. */
  readonly square: readonly [x: number, y: number, side: number];
  /** GRID x GRID bits, row by row, most significant first, base64: 1 where the object is. */
  readonly mask: string;
}

/** Cells on each side of a thumbnail's mask. */
export const THUMBNAIL_GRID = 32;
/** Room left around the object, as a share of its longer side. */
const MARGIN = 0.12;

/**
 * The thumbnail of a mask. The page cuts the picture out of the film itself: a page on disk may draw the film but not read it
 * back, and so nothing has to be decoded here.
 */
export function thumbnailOf({ position, time, bbox: [x, y, width, height], segmentation }: BestMask): Thumbnail {
  const side = Math.max(1, Math.max(width, height) * (1 + 2 * MARGIN));
  const left = x + width / 2 - side / 2;
  const top = y + height / 2 - side / 2;
  const [rows, columns] = segmentation.size;
  const { counts } = fromCocoRle(segmentation);
  const starts = startsOf(counts);
  const bits = new Uint8Array((THUMBNAIL_GRID * THUMBNAIL_GRID) / 8);
  for (let cell = 0; cell < THUMBNAIL_GRID * THUMBNAIL_GRID; cell++) {
    const px = Math.floor(left + (((cell % THUMBNAIL_GRID) + 0.5) * side) / THUMBNAIL_GRID);
    const py = Math.floor(top + ((Math.floor(cell / THUMBNAIL_GRID) + 0.5) * side) / THUMBNAIL_GRID);
    if (px < 0 || py < 0 || px >= columns || py >= rows) continue;
    if (isInside(starts, px * rows + py)) bits[cell >> 3]! |= 128 >> (cell & 7);
  }
  return { time, position, square: [round(left), round(top), round(side)], mask: Buffer.from(bits).toString('base64') };
}

function startsOf(counts: Uint32Array): Float64Array {
  const starts = new Float64Array(counts.length);
  for (let i = 1; i < counts.length; i++) starts[i] = starts[i - 1]! + counts[i - 1]!;
  return starts;
}

/** Whether the run that holds the pixel (column-major index) is one of ones: those with odd numbers. */
function isInside(starts: Float64Array, pixel: number): boolean {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= pixel) low = middle;
    else high = middle - 1;
  }
  return (low & 1) === 1;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
