/**
 * Half-precision floats (IEEE 754 binary16) for what is remembered of frames: half the memory, and small enough to store. What
 * was packed once is used unpacked everywhere, so a restored tracker computes with the same numbers. Values beyond +-65504 are
 * clamped; NaN becomes 0.
 */

// Magnitudes as bits of a float: of 65504, of infinity, and of the smallest normal half.
const LARGEST = 0x477fe000;
const INFINITE = 0x7f800000;
const SMALLEST_NORMAL = 0x38800000;
/** Adding it to a small double leaves no bits below 1: rounds to the nearest whole number, ties to even. */
const ROUNDING = 2 ** 52;

/** Rounded to the nearest half (ties to even), as bits. */
export function packHalfs(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    if (magnitude === 0 || magnitude > INFINITE) continue;
    let half: number;
    if (magnitude >= LARGEST) half = 0x7bff;
    else if (magnitude >= SMALLEST_NORMAL) half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    else half = Math.abs(values[i]!) * 2 ** 24 + ROUNDING - ROUNDING;
    out[i] = (bits[i]! >>> 16) & 0x8000 | half;
  }
  return out;
}

let table: Float32Array | undefined;

/** Every half as a float, by its bits. */
function halfTable(): Float32Array {
  if (table) return table;
  table = new Float32Array(65536);
  for (let half = 0; half < 65536; half++) {
    const exponent = (half >>> 10) & 31;
    const fraction = half & 1023;
    const magnitude = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * 2 ** (exponent - 15);
    table[half] = half & 0x8000 ? -magnitude : magnitude;
  }
  return table;
}

/** Rounded to halfs. */
export function roundToHalfs(values: Float32Array): Float32Array {
  return unpackHalfs(packHalfs(values));
}

/** Halfs back as floats, in `out` from `offset` when given. */
export function unpackHalfs(halfs: Uint16Array, out: Float32Array = new Float32Array(halfs.length), offset = 0): Float32Array {
  const floats = halfTable();
  for (let i = 0; i < halfs.length; i++) out[offset + i] = floats[halfs[i]!]!;
  return out;
}
