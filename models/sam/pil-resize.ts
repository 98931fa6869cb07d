import type { RgbImage } from '../../contracts/segmenter';

/** Fraction bits of PIL's 8-bit filter weights (libImaging/Resample.c: 32 - 8 - 2). */
const PRECISION_BITS = 22;

/** For each target position: first source index, number of taps, fixed-point weights in `taps` slots. */
interface Filter {
  readonly taps: number;
  readonly start: Int32Array;
  readonly length: Int32Array;
  readonly weights: Int32Array;
}

/**
 * Antialiased bilinear (triangle filter) resize, bit-exact with Pillow's `Image.resize(size, BILINEAR)` on 8-bit RGB, which is
 * what SAM's preprocessing uses through torchvision. Horizontal pass first, rounded to 8 bits, then vertical
 * (algorithm of Pillow's libImaging/Resample.c). A pass whose size does not change is left out.
 */
export function resizePilBilinear(image: RgbImage, width: number, height: number): RgbImage {
  const horizontal = width === image.width ? image.data : resizeRows(image, width);
  if (height === image.height) return { width, height, data: horizontal };
  return { width, height, data: resizeColumns(horizontal, width * 3, image.height, height) };
}

function triangleFilter(sourceSize: number, targetSize: number): Filter {
  const scale = sourceSize / targetSize;
  const support = Math.max(scale, 1);
  const taps = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(targetSize);
  const length = new Int32Array(targetSize);
  const weights = new Int32Array(targetSize * taps);
  const exact = new Float64Array(taps);
  for (let i = 0; i < targetSize; i++) {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(sourceSize, Math.trunc(center + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      exact[k] = Math.max(0, 1 - Math.abs((k + first - center + 0.5) * (1 / support)));
      sum += exact[k]!;
    }
    for (let k = 0; k < count; k++) weights[i * taps + k] = Math.trunc(0.5 + (exact[k]! / sum) * (1 << PRECISION_BITS));
    start[i] = first;
    length[i] = count;
  }
  return { taps, start, length, weights };
}

function resizeRows(image: RgbImage, width: number): Uint8Array {
  const { data, height } = image;
  const filter = triangleFilter(image.width, width);
  const out = new Uint8Array(width * height * 3);
  const half = 1 << (PRECISION_BITS - 1);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = y * image.width * 3;
    for (let x = 0; x < width; x++, to += 3) {
      let r = half;
      let g = half;
      let b = half;
      let from = row + filter.start[x]! * 3;
      const base = x * filter.taps;
      for (let k = base, end = base + filter.length[x]!; k < end; k++, from += 3) {
        const w = filter.weights[k]!;
        r = (r + data[from]! * w) | 0;
        g = (g + data[from + 1]! * w) | 0;
        b = (b + data[from + 2]! * w) | 0;
      }
      out[to] = clamp(r >> PRECISION_BITS);
      out[to + 1] = clamp(g >> PRECISION_BITS);
      out[to + 2] = clamp(b >> PRECISION_BITS);
    }
  }
  return out;
}

function resizeColumns(data: Uint8Array, stride: number, sourceHeight: number, height: number): Uint8Array {
  const filter = triangleFilter(sourceHeight, height);
  const out = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(1 << (PRECISION_BITS - 1));
    for (let k = 0; k < filter.length[y]!; k++) {
      const w = filter.weights[y * filter.taps + k]!;
      const from = (filter.start[y]! + k) * stride;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x]! + data[from + x]! * w) | 0;
    }
    const to = y * stride;
    for (let x = 0; x < stride; x++) out[to + x] = clamp(sums[x]! >> PRECISION_BITS);
  }
  return out;
}

/** Weights are rounded one by one, so a sum can pass 255 by one. */
function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
