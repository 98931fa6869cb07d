import type { ImageEmbedding } from '../../contracts/segmenter';
import { pictureCells } from '../geometry/picture-cells';
import { emptyRle, rleFromStarts } from '../mask/rle';
import type { Rle } from '../mask/types';

// Not looked up in the global object pixel by pixel.
const { ceil, floor, max, min, round } = Math;

/**
 * The part of the decoder's low-resolution mask that is picture. The decoder works on a padded square of `side` cells; the
 * picture covers the top left `width` x `height` cells (the last ones perhaps in part). A cell is `cellX` x `cellY` pixels.
 */
export interface MaskGrid {
  readonly side: number;
  readonly width: number;
  readonly height: number;
  readonly cellX: number;
  readonly cellY: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
}

/** Grid for a picture whose masks have `side` cells a side (inputSize / 4). */
export function maskGridOf(embedding: ImageEmbedding, side: number = embedding.inputSize / 4): MaskGrid {
  const perCell = embedding.inputSize / side;
  const { columns, rows } = pictureCells(embedding, side);
  return {
    side,
    width: columns,
    height: rows,
    cellX: (embedding.imageWidth * perCell) / embedding.validWidth,
    cellY: (embedding.imageHeight * perCell) / embedding.validHeight,
    imageWidth: embedding.imageWidth,
    imageHeight: embedding.imageHeight,
  };
}

/** Logits are kept as int8 in steps of 1/8, so -16 .. 15.875; small enough to store, exact to restore. */
export const LOGIT_STEPS = 8;

/** Logits rounded to int8 steps. */
export function quantiseSteps(logits: Float32Array): Int8Array {
  const steps = new Int8Array(logits.length);
  for (let i = 0; i < steps.length; i++) steps[i] = max(-128, min(127, round(logits[i]! * LOGIT_STEPS)));
  return steps;
}

/** Int8 steps back to a padded square of float logits at `offset`; padding is background (-16). */
export function fillSquare(steps: ArrayLike<number>, grid: MaskGrid, out: Float32Array, offset: number): void {
  out.fill(-16, offset, offset + grid.side * grid.side);
  for (let y = 0, i = 0; y < grid.height; y++) {
    let p = offset + y * grid.side;
    for (let x = 0; x < grid.width; x++, i++, p++) out[p] = steps[i]! / LOGIT_STEPS;
  }
}

/**
 * How much of each cell a full-resolution mask covers, 0..1: a pixel counts for the cell in which its centre lies. Throws
 * RangeError when the mask is not of the picture's size.
 */
export function rleToCoverage(rle: Rle, grid: MaskGrid): Float64Array {
  if (rle.width !== grid.imageWidth || rle.height !== grid.imageHeight)
    throw new RangeError(`mask of ${rle.width}x${rle.height} does not fit a picture of ${grid.imageWidth}x${grid.imageHeight}`);
  const cover = new Float64Array(grid.width * grid.height);
  const { counts, height } = rle;
  let position = 0;
  for (let r = 0; r + 1 < counts.length; r += 2) {
    position += counts[r]!;
    const end = position + counts[r + 1]!;
    while (position < end) {
      const x = floor(position / height);
      const y = position - x * height;
      const column = min(grid.width - 1, floor((x + 0.5) / grid.cellX));
      const row = min(grid.height - 1, floor((y + 0.5) / grid.cellY));
      const cellEnd = row === grid.height - 1 ? height : min(height, max(y + 1, ceil((row + 1) * grid.cellY - 0.5)));
      const length = min(cellEnd - y, end - position);
      cover[row * grid.width + column]! += length;
      position += length;
    }
  }
  const full = grid.cellX * grid.cellY;
  for (let i = 0; i < cover.length; i++) cover[i] = min(1, cover[i]! / full);
  return cover;
}

/** Steps for a full-resolution mask: coverage 0..1 of each cell becomes a logit of -8..8. A mask too thin to show has one cell at least. */
export function rleToSteps(rle: Rle, grid: MaskGrid): Int8Array {
  const cover = rleToCoverage(rle, grid);
  const steps = new Int8Array(cover.length);
  let best = 0;
  for (let i = 0; i < cover.length; i++) {
    if (cover[i]! > cover[best]!) best = i;
    steps[i] = round((cover[i]! * 16 - 8) * LOGIT_STEPS);
  }
  if (cover[best]! > 0 && steps[best]! <= 0) steps[best] = 1;
  return steps;
}

/** Cells above `threshold` (in steps), as rows and columns; null when there is none. Right and bottom are exclusive. */
export function cellBox(values: ArrayLike<number>, grid: MaskGrid, threshold = 0): readonly [number, number, number, number] | null {
  let x0 = grid.width;
  let y0 = -1;
  let x1 = 0;
  let y1 = 0;
  for (let y = 0, i = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++, i++) {
      if (values[i]! <= threshold) continue;
      if (y0 < 0) y0 = y;
      y1 = y + 1;
      if (x < x0) x0 = x;
      if (x >= x1) x1 = x + 1;
    }
  }
  return y0 < 0 ? null : [x0, y0, x1, y1];
}

/** Full-resolution mask of low-resolution values (positive = object): bilinear with half-pixel centres, inside the object's box only. */
export function upsampleToRle(values: ArrayLike<number>, grid: MaskGrid): Rle {
  const box = cellBox(values, grid);
  const { imageWidth: width, imageHeight: height, cellX, cellY } = grid;
  if (!box) return emptyRle(width, height);
  const left = max(0, floor((box[0] - 0.5) * cellX));
  const right = min(width, ceil((box[2] + 0.5) * cellX));
  const top = max(0, floor((box[1] - 0.5) * cellY));
  const bottom = min(height, ceil((box[3] + 0.5) * cellY));
  const columns = axisTaps(left, right, cellX, grid.width);
  const rows = axisTaps(top, bottom, cellY, grid.height);
  // Values of one picture column, interpolated sideways, for the rows of cells.
  const strip = new Float64Array(grid.height);
  const firstRow = rows.cells[0]!;
  const lastRow = min(grid.height - 1, rows.cells[rows.cells.length - 1]! + 1);
  // Where the picture rows of each row of cells end, counted from the top.
  const ends = new Int32Array(lastRow - firstRow + 1);
  rows.cells.forEach((cell, i) => (ends[cell - firstRow] = i + 1));
  // Column by column, as the runs go.
  const starts: number[] = [];
  let inside = false;
  for (let x = left; x < right; x++) {
    const x0 = columns.cells[x - left]!;
    const x1 = min(x0 + 1, grid.width - 1);
    const fx = columns.fractions[x - left]!;
    for (let cell = firstRow; cell <= lastRow; cell++) {
      const at = cell * grid.width;
      strip[cell] = values[at + x0]! + (values[at + x1]! - values[at + x0]!) * fx;
    }
    if (inside && top > 0) {
      inside = false;
      starts.push(x * height);
    }
    for (let y = top; y < bottom; ) {
      const cell = rows.cells[y - top]!;
      const upper = strip[cell]!;
      const lower = strip[min(cell + 1, grid.height - 1)]!;
      const end = top + ends[cell - firstRow]!;
      // Between two cells of one side there is no border.
      const last = upper > 0 === lower > 0 ? y + 1 : end;
      for (; y < last; y++) {
        if (upper + (lower - upper) * rows.fractions[y - top]! > 0 === inside) continue;
        inside = !inside;
        starts.push(x * height + y);
      }
      y = end;
    }
    if (inside && bottom < height) {
      inside = false;
      starts.push(x * height + bottom);
    }
  }
  if (inside && right < width) starts.push(right * height);
  return rleFromStarts(starts, width, height);
}

/** For pixels from..to of an axis: the cell before the pixel's centre, and how far the centre lies from it to the next cell. */
function axisTaps(from: number, to: number, cellSize: number, cells: number): { readonly cells: Int32Array; readonly fractions: Float64Array } {
  const taps = { cells: new Int32Array(to - from), fractions: new Float64Array(to - from) };
  for (let i = 0; i < to - from; i++) {
    const at = min(max((from + i + 0.5) / cellSize - 0.5, 0), cells - 1);
    taps.cells[i] = floor(at);
    taps.fractions[i] = at - floor(at);
  }
  return taps;
}
