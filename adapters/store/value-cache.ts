/** Values of a limited number and total weight; those not used for longest go first. The newest one stays, however heavy. */
export class ValueCache {
  private readonly entries = new Map<string, { readonly value: unknown; readonly weight: number }>();
  private total = 0;

  constructor(
    private readonly most: number,
    private readonly heaviest: number,
  ) {}

  /** undefined when it is not, or no longer, there. */
  get(key: string): unknown {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  delete(key: string): void {
    this.total -= this.entries.get(key)?.weight ?? 0;
    this.entries.delete(key);
  }

  set(key: string, value: unknown, weight: number): void {
    this.total += weight - (this.entries.get(key)?.weight ?? 0);
    this.entries.delete(key);
    this.entries.set(key, { value, weight });
    for (const [oldest, entry] of this.entries) {
      if ((this.total <= this.heaviest && this.entries.size <= this.most) || oldest === key) return;
      this.entries.delete(oldest);
      this.total -= entry.weight;
    }
  }
}
