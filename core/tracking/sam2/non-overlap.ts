import { encodeRle } from '../../mask/rle';
import type { Rle } from '../../mask/types';
import { cellBox, type MaskGrid } from '../mask-grid';

/**
 * Full-resolution masks of which no two share a pixel: each belongs to the object with the highest logit there, the first of equals
 * (sam2_base.py, `_apply_non_overlapping_constraints`). Logits are on the grid, row-major.
 */
export function masksWithoutOverlap(logits: readonly Float32Array[], grid: MaskGrid): Rle[] {
  const { imageWidth: width, imageHeight: height } = grid;
  const best = new Float32Array(width * height);
  const owner = new Int32Array(width * height).fill(-1);
  logits.forEach((values, object) => forEachPixel(values, grid, (pixel, value) => {
    if (value <= best[pixel]!) return;
    best[pixel] = value;
    owner[pixel] = object;
  }));
  return logits.map((_, object) => encodeRle({ width, height, data: Uint8Array.from(owner, (own) => (own === object ? 1 : 0)) }));
}

/** Bilinear values, with half-pixel centres, of the pixels that can be positive. */
function forEachPixel(values: Float32Array, grid: MaskGrid, visit: (pixel: number, value: number) => void): void {
  const box = cellBox(values, grid);
  if (!box) return;
  const [x0, y0, x1, y1] = box;
  const { cellX, cellY, imageWidth, imageHeight, width } = grid;
  const bottom = Math.min(imageHeight, Math.ceil((y1 + 0.5) * cellY));
  const right = Math.min(imageWidth, Math.ceil((x1 + 0.5) * cellX));
  for (let y = Math.max(0, Math.floor((y0 - 0.5) * cellY)); y < bottom; y++) {
    const [row, nextRow, down] = between(y, cellY, grid.height);
    for (let x = Math.max(0, Math.floor((x0 - 0.5) * cellX)); x < right; x++) {
      const [column, nextColumn, across] = between(x, cellX, width);
      const upper = values[row * width + column]! * (1 - across) + values[row * width + nextColumn]! * across;
      const lower = values[nextRow * width + column]! * (1 - across) + values[nextRow * width + nextColumn]! * across;
      visit(y * imageWidth + x, upper * (1 - down) + lower * down);
    }
  }
}

/** The cells around a pixel's centre, and how far it is from the first to the second. */
function between(pixel: number, cell: number, cells: number): readonly [number, number, number] {
  const at = Math.min(Math.max((pixel + 0.5) / cell - 0.5, 0), cells - 1);
  const first = Math.floor(at);
  return [first, Math.min(first + 1, cells - 1), at - first];
}
