/**
 * bfloat16 (the upper half of a float32), in which SAM 2's video predictor keeps memories. What was packed once is used unpacked
 * everywhere, so that a restored tracker computes with the same numbers.
 */

/** Rounded to the nearest bfloat16, ties to even; NaN becomes 0. */
export function packBfloats(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = bits[i]!;
    if ((value & 0x7fffffff) <= 0x7f800000) out[i] = (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
  }
  return out;
}

/** Back as floats, in `out` from `offset`. */
export function unpackBfloats(packed: Uint16Array, out: Float32Array, offset: number): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < packed.length; i++) bits[offset + i] = packed[i]! << 16;
}
