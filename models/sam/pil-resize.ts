import type { RgbImage } from '../../contracts/segmenter';
import { resampleFilter, type ResampleFilter, type ResampleKernel } from '../../core/geometry/resample-filter';

/** Fraction bits of PIL's 8-bit filter weights (libImaging/Resample.c: 32 - 8 - 2). */
const PRECISION_BITS = 22;

/** A filter with weights in fixed point. */
interface Filter extends Omit<ResampleFilter, 'weights'> {
  readonly weights: Int32Array;
}

/**
 * Antialiased resize, bit-exact with Pillow's `Image.resize(size, BILINEAR)` (`triangle`, what SAM's preprocessing uses through torchvision) or BICUBIC
 * (`cubic`, Pillow's default and so that of SAM 2's video predictor) on 8-bit RGB. Horizontal pass first, rounded to 8 bits, then vertical
 * (algorithm of Pillow's libImaging/Resample.c). A pass whose size does not change is left out.
 */
export function resizePil(image: RgbImage, width: number, height: number, kernel: ResampleKernel): RgbImage {
  const horizontal = width === image.width ? image.data : resizeRows(image, width, kernel);
  if (height === image.height) return { width, height, data: horizontal };
  return { width, height, data: resizeColumns(horizontal, width * 3, image.height, height, kernel) };
}

function fixedFilter(sourceSize: number, targetSize: number, kernel: ResampleKernel): Filter {
  const exact = resampleFilter(sourceSize, targetSize, kernel);
  return { ...exact, weights: Int32Array.from(exact.weights, (weight) => Math.trunc(weight * (1 << PRECISION_BITS) + (weight < 0 ? -0.5 : 0.5))) };
}

function resizeRows(image: RgbImage, width: number, kernel: ResampleKernel): Uint8Array {
  const { data, height } = image;
  const filter = fixedFilter(image.width, width, kernel);
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

function resizeColumns(data: Uint8Array, stride: number, sourceHeight: number, height: number, kernel: ResampleKernel): Uint8Array {
  const filter = fixedFilter(sourceHeight, height, kernel);
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
