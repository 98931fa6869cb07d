import { extendGrayImage, type GrayImage } from './gray-image';

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
  const { columns, rows } = grid;
  const search = new PatchSearch(template, target, columns * rows);
  const startU = grid.u.slice();
  const startV = grid.v.slice();
  const flat = new Uint8Array(columns * rows);
  for (let pass = 0; pass < 2; pass++) {
    const back = pass === 1;
    for (let n = 0; n < rows * columns; n++) {
      const i = back ? rows * columns - 1 - n : n;
      const row = floor(i / columns);
      const column = i - row * columns;
      if (!back) flat[i] = search.prepare(i, patchStart(column, template.width), patchStart(row, template.height)) ? 0 : 1;
      if (flat[i]) continue;
      const side = back ? column + 1 : column - 1;
      const above = back ? row + 1 : row - 1;
      const from = search.bestStart(i, grid, side >= 0 && side < columns ? row * columns + side : i, above >= 0 && above < rows ? above * columns + column : i);
      if (back && from === i) continue; // nothing better came in: the first sweep has already converged
      search.descend(i, grid.u[from]!, grid.v[from]!, iterations);
      const limit = PATCH_SIZE * 2;
      const far = abs(search.u - startU[i]!) > limit || abs(search.v - startV[i]!) > limit;
      if (!far) {
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

/** Numbers kept per patch: left, top, inverse Hessian (3), mean gradient (2). */
const PATCH_FIELDS = 7;
const PATCH_PIXELS = PATCH_SIZE * PATCH_SIZE;

/**
 * The search of single patches. Means are never subtracted pixel by pixel: with n pixels, the squared sum of differences from
 * the mean is sum(d^2) - sum(d)^2 / n, and likewise for products.
 */
class PatchSearch {
  /** Result of `descend`. */
  u = 0;
  v = 0;
  private readonly gradX: Float32Array;
  private readonly gradY: Float32Array;
  private readonly patches: Float64Array;
  /** Left behind by `descentAt`: products of differences and gradients, means removed. */
  private bx = 0;
  private by = 0;

  /** Large enough for a whole patch. */
  private readonly template: GrayImage;

  constructor(
    template: GrayImage,
    private readonly target: GrayImage,
    count: number,
  ) {
    this.template = extendGrayImage(template, PATCH_SIZE);
    const { width, height, data } = this.template;
    this.patches = new Float64Array(count * PATCH_FIELDS);
    this.gradX = new Float32Array(data.length);
    this.gradY = new Float32Array(data.length);
    for (let y = 0, p = 0; y < height; y++) {
      const up = y > 0 ? width : 0;
      const down = y + 1 < height ? width : 0;
      for (let x = 0; x < width; x++, p++) {
        this.gradX[p] = (data[x + 1 < width ? p + 1 : p]! - data[x > 0 ? p - 1 : p]!) / 2;
        this.gradY[p] = (data[p + down]! - data[p - up]!) / 2;
      }
    }
  }

  /** Takes patch `i`, at (x, y), in; false when it has no texture in any direction. */
  prepare(i: number, x: number, y: number): boolean {
    const { width } = this.template;
    const { gradX, gradY } = this;
    let sx = 0;
    let sy = 0;
    let a = 0;
    let b = 0;
    let c = 0;
    for (let row = 0; row < PATCH_SIZE; row++) {
      for (let column = 0, p = (y + row) * width + x; column < PATCH_SIZE; column++, p++) {
        const dx = gradX[p]!;
        const dy = gradY[p]!;
        sx += dx;
        sy += dy;
        a += dx * dx;
        b += dx * dy;
        c += dy * dy;
      }
    }
    const n = PATCH_PIXELS;
    a -= (sx * sx) / n;
    b -= (sx * sy) / n;
    c -= (sy * sy) / n;
    const larger = (a + c) / 2 + sqrt(((a - c) / 2) ** 2 + b * b);
    if (larger < FLAT_EIGENVALUE * n) return false;
    a += DAMPING * n;
    c += DAMPING * n;
    const det = a * c - b * b;
    this.patches.set([x, y, c / det, -b / det, a / det, sx / n, sy / n], i * PATCH_FIELDS);
    return true;
  }

  /** Which of patch `i` and two neighbours (`i` itself where there is none) has the motion that explains patch `i` best. */
  bestStart(i: number, { u, v }: PatchGrid, first: number, second: number): number {
    const tryFirst = u[first] !== u[i] || v[first] !== v[i];
    const trySecond = u[second] !== u[i] || v[second] !== v[i];
    if (!tryFirst && !trySecond) return i;
    let best = this.residual(i, u[i]!, v[i]!);
    let from = i;
    if (tryFirst) {
      const r = this.residual(i, u[first]!, v[first]!);
      if (r < best) [best, from] = [r, first];
    }
    if (trySecond && this.residual(i, u[second]!, v[second]!) < best) from = second;
    return from;
  }

  /** Gauss-Newton of patch `i` from (u, v); leaves the best place found in u, v. */
  descend(i: number, u: number, v: number, iterations: number): void {
    const { patches } = this;
    const h00 = patches[i * PATCH_FIELDS + 2]!;
    const h01 = patches[i * PATCH_FIELDS + 3]!;
    const h11 = patches[i * PATCH_FIELDS + 4]!;
    this.u = u;
    this.v = v;
    let best = Infinity;
    let worse = 0;
    for (let step = 0; step < iterations; step++) {
      const r = this.descentAt(i, u, v);
      if (r < best) {
        best = r;
        this.u = u;
        this.v = v;
      } else if (++worse > 1) return;
      const du = h00 * this.bx + h01 * this.by;
      const dv = h01 * this.bx + h11 * this.by;
      u -= du;
      v -= dv;
      if (du * du + dv * dv < 1e-4) break;
    }
    if (this.residual(i, u, v) < best) {
      this.u = u;
      this.v = v;
    }
  }

  /** Sum of squared differences, means removed, when patch `i` is moved by (u, v). */
  private residual(i: number, u: number, v: number): number {
    const { width, data } = this.target;
    const { width: ownWidth, data: own } = this.template;
    const left = this.patches[i * PATCH_FIELDS]! | 0;
    const top = this.patches[i * PATCH_FIELDS + 1]! | 0;
    const px = clamp(left + u + SEARCH_PAD, 0, width - PATCH_SIZE - 1.001);
    const py = clamp(top + v + SEARCH_PAD, 0, this.target.height - PATCH_SIZE - 1.001);
    const x0 = px | 0;
    const y0 = py | 0;
    const fx = px - x0;
    const fy = py - y0;
    const w11 = fx * fy;
    const w01 = fx - w11;
    const w10 = fy - w11;
    const w00 = 1 - fx - w10;
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < PATCH_SIZE; row++) {
      let p = (y0 + row) * width + x0;
      let q = (top + row) * ownWidth + left;
      let before = w00 * data[p]! + w10 * data[p + width]!;
      for (let column = 0; column < PATCH_SIZE; column++, q++) {
        p++;
        const upper = data[p]!;
        const lower = data[p + width]!;
        const d = before + w01 * upper + w11 * lower - own[q]!;
        before = w00 * upper + w10 * lower;
        sum += d;
        squares += d * d;
      }
    }
    return squares - (sum * sum) / PATCH_PIXELS;
  }

  /** As `residual`, and leaves the direction of descent in bx, by. Apart from it, because together they take a fifth longer. */
  private descentAt(i: number, u: number, v: number): number {
    const { width, data } = this.target;
    const { width: ownWidth, data: own } = this.template;
    const { gradX, gradY } = this;
    const left = this.patches[i * PATCH_FIELDS]! | 0;
    const top = this.patches[i * PATCH_FIELDS + 1]! | 0;
    const px = clamp(left + u + SEARCH_PAD, 0, width - PATCH_SIZE - 1.001);
    const py = clamp(top + v + SEARCH_PAD, 0, this.target.height - PATCH_SIZE - 1.001);
    const x0 = px | 0;
    const y0 = py | 0;
    const fx = px - x0;
    const fy = py - y0;
    const w11 = fx * fy;
    const w01 = fx - w11;
    const w10 = fy - w11;
    const w00 = 1 - fx - w10;
    let sum = 0;
    let squares = 0;
    let bx = 0;
    let by = 0;
    for (let row = 0; row < PATCH_SIZE; row++) {
      let p = (y0 + row) * width + x0;
      let q = (top + row) * ownWidth + left;
      let before = w00 * data[p]! + w10 * data[p + width]!;
      for (let column = 0; column < PATCH_SIZE; column++, q++) {
        p++;
        const upper = data[p]!;
        const lower = data[p + width]!;
        const d = before + w01 * upper + w11 * lower - own[q]!;
        before = w00 * upper + w10 * lower;
        sum += d;
        squares += d * d;
        bx += gradX[q]! * d;
        by += gradY[q]! * d;
      }
    }
    this.bx = bx - this.patches[i * PATCH_FIELDS + 5]! * sum;
    this.by = by - this.patches[i * PATCH_FIELDS + 6]! * sum;
    return squares - (sum * sum) / PATCH_PIXELS;
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
