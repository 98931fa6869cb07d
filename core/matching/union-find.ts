/**
 * Disjoint sets over 0..size-1 with cannot-link constraints: a union that would put two forbidden members in one set is
 * refused. The representative of a set is its smallest member, so it does not depend on the order of unions.
 * Tarjan 1975, with path halving; constraints are kept per set and the smaller list is moved on union.
 */
export class UnionFind {
  private readonly parent: Int32Array;
  private readonly weight: Int32Array;
  private readonly smallest: Int32Array;
  private readonly forbidden = new Map<number, Set<number>>();

  constructor(readonly size: number) {
    this.parent = Int32Array.from({ length: size }, (_, i) => i);
    this.smallest = this.parent.slice();
    this.weight = new Int32Array(size).fill(1);
  }

  /** Smallest member of the set that holds `item`. */
  find(item: number): number {
    return this.smallest[this.root(item)]!;
  }

  /** True when both are in one set. */
  connected(a: number, b: number): boolean {
    return this.root(a) === this.root(b);
  }

  /** Forbids the two, and so their sets, to be joined later. Throws RangeError when they already are. */
  cannotLink(a: number, b: number): void {
    const ra = this.root(a);
    const rb = this.root(b);
    if (ra === rb) throw new RangeError(`${a} and ${b} are already in one set`);
    this.rivals(ra).add(rb);
    this.rivals(rb).add(ra);
  }

  /** True when a union of the two would succeed. */
  canLink(a: number, b: number): boolean {
    return !(this.forbidden.get(this.root(a))?.has(this.root(b)) ?? false);
  }

  /** Joins the two sets; false, changing nothing, when a cannot-link constraint forbids it. */
  union(a: number, b: number): boolean {
    let keep = this.root(a);
    let gone = this.root(b);
    if (keep === gone) return true;
    if (this.forbidden.get(keep)?.has(gone)) return false;
    if (this.weight[keep]! < this.weight[gone]!) [keep, gone] = [gone, keep];
    this.parent[gone] = keep;
    this.weight[keep]! += this.weight[gone]!;
    this.smallest[keep] = Math.min(this.smallest[keep]!, this.smallest[gone]!);
    for (const rival of this.forbidden.get(gone) ?? []) {
      const theirs = this.rivals(rival);
      theirs.delete(gone);
      theirs.add(keep);
      this.rivals(keep).add(rival);
    }
    this.forbidden.delete(gone);
    return true;
  }

  /** All sets, members ascending, sets by smallest member. */
  sets(): number[][] {
    const bySmallest = new Map<number, number[]>();
    for (let i = 0; i < this.size; i++) {
      const set = bySmallest.get(this.find(i));
      if (set) set.push(i);
      else bySmallest.set(i, [i]);
    }
    return [...bySmallest.values()];
  }

  private rivals(root: number): Set<number> {
    let set = this.forbidden.get(root);
    if (!set) this.forbidden.set(root, (set = new Set()));
    return set;
  }

  private root(item: number): number {
    if (!(item >= 0 && item < this.size)) throw new RangeError(`no item ${item} among ${this.size}`);
    let i = item;
    while (this.parent[i] !== i) {
      this.parent[i] = this.parent[this.parent[i]!]!;
      i = this.parent[i]!;
    }
    return i;
  }
}
