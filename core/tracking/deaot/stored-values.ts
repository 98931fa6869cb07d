import { packHalfs, unpackHalfs } from '../float16';

/** Numbers as they are remembered: in half precision, or as they are. */
export type StoredValues = Uint16Array | Float32Array;

export function storeValues(values: Float32Array, isExact: boolean): StoredValues {
  return isExact ? values : packHalfs(values);
}

/** What was stored one after another, as floats. */
export function readValues(parts: readonly StoredValues[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    if (part instanceof Float32Array) out.set(part, at);
    else unpackHalfs(part, out, at);
    at += part.length;
  }
  return out;
}
