/**
 * Two kinds of number name an object, and they are never mixed up. Its ID is what users see: given once, never changed,
 * never given to another object. Its SLOT is its row in the tracker's tensors, 0..size-1: slots are packed, so removing an
 * object moves the ones behind it up. (The split is that of Cutie's ObjectManager.)
 */
export class ObjectRegistry {
  private ids: number[] = [];
  private slots = new Map<number, number>();

  /** Number of live objects. */
  get size(): number {
    return this.ids.length;
  }

  has(id: number): boolean {
    return this.slots.has(id);
  }

  /** Slot of a live object. Throws RangeError for an unknown id. */
  slotOf(id: number): number {
    const slot = this.slots.get(id);
    if (slot === undefined) throw new RangeError(`object ${id} is not followed`);
    return slot;
  }

  /** Ids in slot order, which is ascending. */
  liveIds(): readonly number[] {
    return this.ids;
  }

  /** Adds an object. Throws RangeError when the id is not a positive integer or is live already. */
  add(id: number): void {
    if (!Number.isInteger(id) || id < 1) throw new RangeError(`object ids are positive integers, got ${id}`);
    if (this.slots.has(id)) throw new RangeError(`object ${id} is already followed`);
    this.ids.push(id);
    this.repack();
  }

  /** Removes objects; unknown ids are ignored. */
  remove(ids: readonly number[]): void {
    const gone = new Set(ids);
    this.ids = this.ids.filter((id) => !gone.has(id));
    this.repack();
  }

  private repack(): void {
    this.ids.sort((a, b) => a - b);
    this.slots = new Map(this.ids.map((id, slot) => [id, slot]));
  }
}
