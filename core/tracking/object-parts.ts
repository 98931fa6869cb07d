/** Numbers of several objects, one object after the other: as the networks take them. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A copy of the n-th of `count` equal parts. */
export function takePart(values: Float32Array, n: number, count: number): Float32Array {
  const size = values.length / count;
  return values.slice(n * size, (n + 1) * size);
}
