/**
 * Half-precision floats (IEEE 754 binary16) for what is remembered of frames: half the memory, and small enough to store. What
 * was packed once is used unpacked everywhere, so a restored tracker computes with the same numbers. Values beyond +-65504 are
 * clamped; NaN becomes 0.
 */
const LARGEST = 65504;

/** Rounded to the nearest half (ties to even), as bits. */
export function packHalfs(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  const scratch = new Float32Array(1);
  const bits = new Uint32Array(scratch.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const magnitude = value < 0 ? -value : value > 0 ? value : 0;
    scratch[0] = magnitude > LARGEST ? LARGEST : magnitude;
    let half: number;
    if (bits[0]! < 0x38800000) {
      // Below the smallest normal half: adding 0.5 rounds away what a subnormal cannot hold.
      scratch[0] = scratch[0]! + 0.5;
      half = bits[0]! - 0x3f000000;
    } else {
      const isOdd = (bits[0]! >>> 13) & 1;
      half = (bits[0]! - 0x38000000 + 0xfff + isOdd) >>> 13;
    }
    out[i] = value < 0 ? half | 0x8000 : half;
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
