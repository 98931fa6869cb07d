/** Number of items at the start of a list for which `isBefore` holds, where it holds for none after the first for which it does not. */
export function countWhile<T>(list: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Number of values in an ascending list that are below `value`. */
export function countBelow(ascending: readonly number[], value: number): number {
  return countWhile(ascending, (item) => item < value);
}

/** The values of an ascending list in [from, to). */
export function within(ascending: readonly number[], from: number, to: number): number[] {
  return ascending.slice(countBelow(ascending, from), countBelow(ascending, to));
}
