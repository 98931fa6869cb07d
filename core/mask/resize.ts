/** Two source indices and the weight of the second, per target position along one axis. */
export interface LinearTaps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Weight of `high`, 0..1; `low` has 1 - weight. */
  readonly weight: Float32Array;
}

/**
 * Sample positions of PyTorch `interpolate(mode='bilinear', align_corners=False)` along one axis: half-pixel centres,
 * clamped at the edges, no antialias. Throws RangeError when a size is not a positive integer.
 */
export function linearTaps(sourceSize: number, targetSize: number): LinearTaps {
  if (!(Number.isInteger(sourceSize) && Number.isInteger(targetSize) && sourceSize > 0 && targetSize > 0))
    throw new RangeError(`cannot resize ${sourceSize} samples to ${targetSize}`);
  const low = new Int32Array(targetSize);
  const high = new Int32Array(targetSize);
  const weight = new Float32Array(targetSize);
  const scale = sourceSize / targetSize;
  for (let i = 0; i < targetSize; i++) {
    const at = Math.max(0, (i + 0.5) * scale - 0.5);
    const floor = Math.min(Math.floor(at), sourceSize - 1);
    low[i] = floor;
    high[i] = Math.min(floor + 1, sourceSize - 1);
    weight[i] = at - floor;
  }
  return { low, high, weight };
}

/**
 * Bilinear resize with PyTorch's `align_corners=False` meaning (no antialias). `src` is row-major sw x sh; when
 * `srcCropW`/`srcCropH` are given only its top left srcCropW x srcCropH part is the picture (SAM pads to a square on the
 * right and below, and crops before the second resize). Result is row-major dw x dh, in `out` when given.
 * Each source row is widened once, then rows are blended. Throws RangeError when sizes do not fit the arrays.
 */
export function resizeBilinear(
  src: Float32Array,
  sw: number,
  sh: number,
  dw: number,
  dh: number,
  out: Float32Array = new Float32Array(dw * dh),
  srcCropW: number = sw,
  srcCropH: number = sh,
): Float32Array {
  if (src.length < sw * sh) throw new RangeError(`${sw}x${sh} source needs ${sw * sh} values, got ${src.length}`);
  if (out.length < dw * dh) throw new RangeError(`${dw}x${dh} output needs ${dw * dh} values, got ${out.length}`);
  if (srcCropW > sw || srcCropH > sh) throw new RangeError(`crop ${srcCropW}x${srcCropH} exceeds the source ${sw}x${sh}`);
  const columns = linearTaps(srcCropW, dw);
  const rows = linearTaps(srcCropH, dh);
  let upper = new Float32Array(dw);
  let lower = new Float32Array(dw);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < dh; y++) {
    const low = rows.low[y]!;
    const high = rows.high[y]!;
    if (low !== upperRow) {
      if (low === lowerRow) {
        [upper, lower] = [lower, upper];
        lowerRow = upperRow;
      } else widenRow(src, low * sw, columns, upper);
      upperRow = low;
    }
    const weight = rows.weight[y]!;
    const to = y * dw;
    if (high === low || weight === 0) {
      out.set(upper, to);
      continue;
    }
    if (high !== lowerRow) {
      widenRow(src, high * sw, columns, lower);
      lowerRow = high;
    }
    blendRows(upper, lower, weight, out, to);
  }
  return out;
}

function widenRow(src: Float32Array, from: number, taps: LinearTaps, out: Float32Array): void {
  const { low, high, weight } = taps;
  for (let x = 0; x < out.length; x++) {
    const a = src[from + low[x]!]!;
    out[x] = a + (src[from + high[x]!]! - a) * weight[x]!;
  }
}

function blendRows(upper: Float32Array, lower: Float32Array, weight: number, out: Float32Array, to: number): void {
  for (let x = 0; x < upper.length; x++) {
    const a = upper[x]!;
    out[to + x] = a + (lower[x]! - a) * weight;
  }
}
