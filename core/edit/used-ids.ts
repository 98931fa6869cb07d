/** Every ID that a result ever had, deleted and undone ones too, and which object had it. */
export class UsedIds {
  private readonly owners = new Map<number, number>();
  private highest = 0;

  /** @param object what stays the same through renaming: the ID with which it came up */
  claim(id: number, object: number): void {
    if (!this.owners.has(id)) this.owners.set(id, object);
    this.highest = Math.max(this.highest, id);
  }

  has(id: number): boolean {
    return this.owners.has(id);
  }

  /** Whether an object may have this ID: nobody ever had it, or itself did. */
  mayHave(id: number, object: number): boolean {
    return !this.owners.has(id) || this.owners.get(id) === object;
  }

  /** An ID above all others. */
  next(): number {
    return this.highest + 1;
  }
}
