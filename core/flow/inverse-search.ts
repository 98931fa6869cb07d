import type { GrayImage } from './gray-image';

// Not looked up in the global object pixel by pixel.
const { abs, ceil, floor, max, min, sqrt } = Math;

/** Side of the square patches, and the distance between neighbouring patches, in pixels of a pyramid level. */
export const PATCH_SIZE = 8;
export const PATCH_STRIDE = 4;
/** Border around the searched picture; a patch never looks further out. */
export const SEARCH_PAD = PATCH_SIZE + 2;

/** Below this smaller eigenvalue (grey levels squared, per pixel) a patch has no texture and keeps its starting motion. */
const FLAT_EIGENVALUE = 0.4;
/** Added to the structure tensor, per pixel, so that motion along an edge stays where it started. */
const DAMPING = 0.3;

/** One row-major grid of patches with a motion each. */
export interface PatchGrid {
  readonly columns: number;
  readonly rows: number;
  readonly u: Float32Array;
  readonly v: Float32Array;
}

/** Left (or top) edge of patch `index` along an axis of `size` pixels; the last patch ends at the border. */
export function patchStart(index: number, size: number): number {
  return max(0, min(index * PATCH_STRIDE, size - PATCH_SIZE));
}

/** Patches needed to cover `size` pixels. */
export function patchCount(size: number): number {
  return size <= PATCH_SIZE ? 1 : ceil((size - PATCH_SIZE) / PATCH_STRIDE) + 1;
}

/**
 * Inverse compositional search of one pyramid level (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV
 * 2016, section 2.1): each patch of `template` is found in the padded picture `target` by Gauss-Newton steps whose Hessian
 * is computed once. As in OpenCV's DIS, patch means are removed (so brightness may change) and a patch may start from the
 * motion of a neighbour that explains it better; the grid is swept forward, then backward. `grid` holds the start and
 * receives the result.
 */
export function searchPatches(template: GrayImage, target: GrayImage, grid: PatchGrid, iterations: number): void {
  const search = new PatchSearch(template, target);
  const { columns, rows } = grid;
  const startU = grid.u.slice();
  const startV = grid.v.slice();
  const flat = new Uint8Array(columns * rows);
  for (let pass = 0; pass < 2; pass++) {
    const back = pass === 1;
    for (let n = 0; n < rows * columns; n++) {
      const i = back ? rows * columns - 1 - n : n;
      const row = floor(i / columns);
      const column = i - row * columns;
      if (!search.load(patchStart(column, template.width), patchStart(row, template.height))) {
        flat[i] = 1;
        continue;
      }
      const own = search.residual(grid.u[i]!, grid.v[i]!);
      let best = own;
      let from = i;
      const side = back ? column + 1 : column - 1;
      const above = back ? row + 1 : row - 1;
      if (side >= 0 && side < columns) {
        const j = row * columns + side;
        const r = search.residual(grid.u[j]!, grid.v[j]!);
        if (r < best) [best, from] = [r, j];
      }
      if (above >= 0 && above < rows) {
        const j = above * columns + column;
        const r = search.residual(grid.u[j]!, grid.v[j]!);
        if (r < best) [best, from] = [r, j];
      }
      if (back && from === i) continue; // nothing better came in: the first sweep has already converged
      const u = grid.u[from]!;
      const v = grid.v[from]!;
      search.descend(u, v, iterations);
      const limit = PATCH_SIZE;
      const far = abs(search.u - startU[i]!) > limit * 2 || abs(search.v - startV[i]!) > limit * 2;
      if (!far && search.best < own) {
        grid.u[i] = search.u;
        grid.v[i] = search.v;
      }
    }
  }
  fillFlat(grid, flat);
}

/** Patches without texture take the mean motion of the patches around them, a few times over. */
function fillFlat(grid: PatchGrid, flat: Uint8Array): void {
  const { columns, rows, u, v } = grid;
  for (let round = 0; round < 6; round++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const i = row * columns + column;
        if (!flat[i]) continue;
        const left = column > 0 ? i - 1 : i;
        const right = column + 1 < columns ? i + 1 : i;
        const up = row > 0 ? i - columns : i;
        const down = row + 1 < rows ? i + columns : i;
        u[i] = (u[left]! + u[right]! + u[up]! + u[down]!) / 4;
        v[i] = (v[left]! + v[right]! + v[up]! + v[down]!) / 4;
      }
    }
  }
}

/** Scratch state for one patch at a time. */
class PatchSearch {
  u = 0;
  v = 0;
  best = 0;
  private x = 0;
  private y = 0;
  private h00 = 0;
  private h01 = 0;
  private h11 = 0;
  private readonly values = new Float64Array(PATCH_SIZE * PATCH_SIZE);
  private readonly gx = new Float64Array(PATCH_SIZE * PATCH_SIZE);
  private readonly gy = new Float64Array(PATCH_SIZE * PATCH_SIZE);
  private readonly diff = new Float64Array(PATCH_SIZE * PATCH_SIZE);

  constructor(
    private readonly template: GrayImage,
    private readonly target: GrayImage,
  ) {}

  /** Takes the patch at (x, y); false when it has no texture in any direction. */
  load(x: number, y: number): boolean {
    const { width, height, data } = this.template;
    const { values, gx, gy } = this;
    this.x = x;
    this.y = y;
    const n = PATCH_SIZE * PATCH_SIZE;
    let sum = 0;
    let sx = 0;
    let sy = 0;
    for (let j = 0, k = 0; j < PATCH_SIZE; j++) {
      const yy = min(y + j, height - 1);
      const row = yy * width;
      const up = max(yy - 1, 0) * width;
      const down = min(yy + 1, height - 1) * width;
      for (let i = 0; i < PATCH_SIZE; i++, k++) {
        const xx = min(x + i, width - 1);
        const value = data[row + xx]!;
        const dx = (data[row + min(xx + 1, width - 1)]! - data[row + max(xx - 1, 0)]!) / 2;
        const dy = (data[down + xx]! - data[up + xx]!) / 2;
        values[k] = value;
        gx[k] = dx;
        gy[k] = dy;
        sum += value;
        sx += dx;
        sy += dy;
      }
    }
    const mean = sum / n;
    sx /= n;
    sy /= n;
    let a = 0;
    let b = 0;
    let c = 0;
    for (let k = 0; k < n; k++) {
      values[k]! -= mean;
      const dx = (gx[k]! -= sx);
      const dy = (gy[k]! -= sy);
      a += dx * dx;
      b += dx * dy;
      c += dy * dy;
    }
    const larger = (a + c) / 2 + sqrt(((a - c) / 2) ** 2 + b * b);
    if (larger < FLAT_EIGENVALUE * n) return false;
    a += DAMPING * n;
    c += DAMPING * n;
    const det = a * c - b * b;
    this.h00 = c / det;
    this.h01 = -b / det;
    this.h11 = a / det;
    return true;
  }

  /** Sum of squared differences, means removed, when the patch is moved by (u, v). Leaves the differences in `diff`. */
  residual(u: number, v: number): number {
    const { data, width, height } = this.target;
    const { values, diff } = this;
    const px = clamp(this.x + u + SEARCH_PAD, 0, width - PATCH_SIZE - 1.001);
    const py = clamp(this.y + v + SEARCH_PAD, 0, height - PATCH_SIZE - 1.001);
    const x0 = floor(px);
    const y0 = floor(py);
    const fx = px - x0;
    const fy = py - y0;
    const w11 = fx * fy;
    const w01 = fx - w11;
    const w10 = fy - w11;
    const w00 = 1 - fx - w10;
    let sum = 0;
    let squares = 0;
    for (let j = 0, k = 0; j < PATCH_SIZE; j++) {
      let p = (y0 + j) * width + x0;
      let left = w00 * data[p]! + w10 * data[p + width]!;
      for (let i = 0; i < PATCH_SIZE; i++, k++) {
        p++;
        const top = data[p]!;
        const bottom = data[p + width]!;
        const d = left + w01 * top + w11 * bottom - values[k]!;
        left = w00 * top + w10 * bottom;
        diff[k] = d;
        sum += d;
        squares += d * d;
      }
    }
    const n = PATCH_SIZE * PATCH_SIZE;
    return squares - (sum * sum) / n;
  }

  /** Gauss-Newton from (u, v); leaves the best place found in u, v, best. */
  descend(u: number, v: number, iterations: number): void {
    this.u = u;
    this.v = v;
    this.best = Infinity;
    let worse = 0;
    for (let step = 0; step < iterations; step++) {
      const r = this.residual(u, v);
      if (r < this.best) {
        this.best = r;
        this.u = u;
        this.v = v;
      } else if (++worse > 1) return;
      const { gx, gy, diff } = this;
      let bx = 0;
      let by = 0;
      for (let k = 0; k < diff.length; k++) {
        bx += gx[k]! * diff[k]!;
        by += gy[k]! * diff[k]!;
      }
      const du = this.h00 * bx + this.h01 * by;
      const dv = this.h01 * bx + this.h11 * by;
      u -= du;
      v -= dv;
      if (du * du + dv * dv < 1e-4) break;
    }
    const r = this.residual(u, v);
    if (r < this.best) {
      this.best = r;
      this.u = u;
      this.v = v;
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
