/** Sums by pair of numbers; pairs that never occurred, or whose sum went back to 0, take no memory. */
export class PairCounts {
  private readonly rows = new Map<number, Map<number, number>>();

  add(a: number, b: number, amount = 1): void {
    let row = this.rows.get(a);
    if (!row) this.rows.set(a, (row = new Map()));
    const sum = (row.get(b) ?? 0) + amount;
    if (sum !== 0) row.set(b, sum);
    else if (row.delete(b) && row.size === 0) this.rows.delete(a);
  }

  get(a: number, b: number): number {
    return this.rows.get(a)?.get(b) ?? 0;
  }

  *[Symbol.iterator](): Generator<readonly [a: number, b: number, sum: number]> {
    for (const [a, row] of this.rows) for (const [b, sum] of row) yield [a, b, sum];
  }
}

/** Adds to the sum of one number. */
export function addTo(counts: Map<number, number>, key: number, amount = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}

/** a / b, and `otherwise` where b is 0. */
export function ratio(a: number, b: number, otherwise: number): number {
  return b === 0 ? otherwise : a / b;
}
