/** Shapes of the weights: bilinear and bicubic (a = -0.5) interpolation, widened where a size shrinks. */
const KERNELS = {
  triangle: { support: 1, weight: (x: number): number => Math.max(0, 1 - Math.abs(x)) },
  cubic: { support: 2, weight: cubic },
} as const;
export type ResampleKernel = keyof typeof KERNELS;

/** For each target position: first source index, number of taps, weights of sum 1 in `taps` slots. */
export interface ResampleFilter {
  readonly taps: number;
  readonly start: Int32Array;
  readonly length: Int32Array;
  readonly weights: Float64Array;
}

/** One axis of an antialiased resize, as Pillow (libImaging/Resample.c) and PyTorch (`interpolate` with `antialias`) do it. */
export function resampleFilter(sourceSize: number, targetSize: number, kernel: ResampleKernel): ResampleFilter {
  const { support: reach, weight } = KERNELS[kernel];
  const scale = sourceSize / targetSize;
  const widening = Math.max(scale, 1);
  const support = reach * widening;
  const taps = Math.ceil(support) * 2 + 1;
  const filter = { taps, start: new Int32Array(targetSize), length: new Int32Array(targetSize), weights: new Float64Array(targetSize * taps) };
  for (let i = 0; i < targetSize; i++) {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(sourceSize, Math.trunc(center + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += filter.weights[i * taps + k] = weight((k + first - center + 0.5) * (1 / widening));
    for (let k = 0; k < count; k++) filter.weights[i * taps + k]! /= sum;
    filter.start[i] = first;
    filter.length[i] = count;
  }
  return filter;
}

function cubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}
