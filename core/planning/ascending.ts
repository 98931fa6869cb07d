/** Number of values in an ascending list that are below `value`. */
export function countBelow(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The values of an ascending list in [from, to). */
export function within(ascending: readonly number[], from: number, to: number): number[] {
  return ascending.slice(countBelow(ascending, from), countBelow(ascending, to));
}
