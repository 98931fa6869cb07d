export interface PositionRun {
  readonly first: number;
  readonly stride: number;
  readonly count: number;
}

/** Cut ascending positions into runs of even spacing, so that each run is one read of the video: 0 3 8 16 24 -> 0 3, 8 16 24. */
export function groupByStride(positions: readonly number[]): PositionRun[] {
  const runs: PositionRun[] = [];
  let i = 0;
  while (i < positions.length) {
    const first = positions[i]!;
    const stride = i + 1 < positions.length ? positions[i + 1]! - first : 1;
    let count = 1;
    while (i + count < positions.length && positions[i + count]! - positions[i + count - 1]! === stride) count++;
    // A pair that does not go on is cheaper apart: the frames between would be decoded for nothing.
    if (count === 2 && i + 2 < positions.length) count = 1;
    runs.push({ first, stride: count === 1 ? 1 : stride, count });
    i += count;
  }
  return runs;
}
