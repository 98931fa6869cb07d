/** Steps since the last remembered frame at which the sensory memory is updated (inference_core.py). */
export function staggeredTimes(memEvery: number, updates: number): ReadonlySet<number> {
  if (updates >= memEvery) return new Set(Array.from({ length: memEvery }, (_, i) => i + 1));
  const gap = updates === 1 ? 0 : (memEvery - 1) / (updates - 1);
  return new Set(Array.from({ length: updates }, (_, i) => roundHalfEven(1 + i * gap)));
}

/** As NumPy rounds. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
