/** Two objects that share at least this much of the smaller one when they meet first are part and whole, or the same thing twice. */
export const SAME_PLACE_SHARE = 0.1;

/**
 * Which objects compete for pixels. Objects in one picture may be nested (part and whole), so the usual rule that every pixel
 * belongs to one object does not hold; but objects that begin apart stay apart. Decided once per pair, when the later one is added.
 */
export class Competition {
  /** Ids that an object does not compete with. */
  private readonly partners = new Map<number, Set<number>>();

  /** Adds an object among others that are there already. Masks are coverages 0..1 on one grid; an empty one overlaps nothing. */
  add(id: number, mask: ArrayLike<number>, others: ReadonlyMap<number, ArrayLike<number>>): void {
    if (this.partners.has(id)) return;
    this.join(id, [...others].filter(([other, otherMask]) => other !== id && shareAPlace(mask, otherMask)).map(([other]) => other));
  }

  /** Decides anew whom an object competes with: of those that are there now the ones that it overlaps are its partners, of the others those that were. */
  redecide(id: number, mask: ArrayLike<number>, others: ReadonlyMap<number, ArrayLike<number>>): void {
    const own = this.partners.get(id);
    for (const [other, otherMask] of others) {
      const partners = this.partners.get(other);
      if (other === id || !own || !partners || !isSeen(otherMask)) continue;
      if (shareAPlace(mask, otherMask)) {
        own.add(other);
        partners.add(id);
      } else {
        own.delete(other);
        partners.delete(id);
      }
    }
  }

  /** Adds an object that shares a place with these; nothing changes for one that is known. */
  join(id: number, partners: readonly number[]): void {
    if (this.partners.has(id)) return;
    for (const other of partners) this.partners.get(other)?.add(id);
    this.partners.set(id, new Set(partners));
  }

  /** One object takes the place of another, and shares with its partners as with its own. */
  succeed(from: number, to: number): void {
    const own = this.partners.get(to);
    for (const other of this.partners.get(from) ?? []) {
      if (other === to) continue;
      own?.add(other);
      this.partners.get(other)?.add(to);
    }
    this.remove([from]);
  }

  /** Two objects take each other's place: what is part of the one goes on as part of the other. Both are known. */
  exchange(a: number, b: number): void {
    const renamed = (id: number): number => (id === a ? b : id === b ? a : id);
    const lists = [...this.partners].map(([id, partners]): [number, Set<number>] => [renamed(id), new Set([...partners].map(renamed))]);
    this.partners.clear();
    for (const [id, partners] of lists) this.partners.set(id, partners);
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) {
      for (const other of this.partners.get(id) ?? []) this.partners.get(other)?.delete(id);
      this.partners.delete(id);
    }
  }

  /** Ids that share pixels with this object. */
  partnersOf(id: number): ReadonlySet<number> {
    return this.partners.get(id) ?? new Set();
  }

  /** Everything needed to make the same again: partners by id. */
  toLists(ids: readonly number[]): number[][] {
    return ids.map((id) => [...this.partnersOf(id)].sort((a, b) => a - b));
  }

  static fromLists(ids: readonly number[], lists: readonly ArrayLike<number>[]): Competition {
    const competition = new Competition();
    ids.forEach((id, i) => competition.partners.set(id, new Set(Array.from(lists[i]!))));
    return competition;
  }
}

function shareAPlace(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let shared = 0;
  let sizeA = 0;
  let sizeB = 0;
  for (let i = 0; i < a.length; i++) {
    sizeA += a[i]!;
    sizeB += b[i]!;
    shared += Math.min(a[i]!, b[i]!);
  }
  const smaller = Math.min(sizeA, sizeB);
  return smaller > 0 && shared >= SAME_PLACE_SHARE * smaller;
}

function isSeen(mask: ArrayLike<number>): boolean {
  for (let i = 0; i < mask.length; i++) if (mask[i]! > 0) return true;
  return false;
}
