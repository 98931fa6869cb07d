import type { GivenPrompt } from '../../contracts/prompts';

/** When which object of a chunk is prompted. */
export class PromptSchedule {
  private readonly byPosition = new Map<number, GivenPrompt[]>();
  /** Positions on which objects are prompted for the first time in this chunk. */
  private readonly firsts: ReadonlySet<number>;

  /** @param prompts at most one per object and position, in any order */
  constructor(prompts: readonly GivenPrompt[]) {
    const firstOf = new Map<number, number>();
    for (const prompt of prompts) {
      const { position, objectId } = prompt;
      this.byPosition.set(position, [...(this.byPosition.get(position) ?? []), prompt]);
      firstOf.set(objectId, Math.min(firstOf.get(objectId) ?? position, position));
    }
    this.firsts = new Set(firstOf.values());
  }

  /** By ascending ID. */
  at(position: number): readonly GivenPrompt[] {
    return (this.byPosition.get(position) ?? []).sort((a, b) => a.objectId - b.objectId);
  }

  /**
   * Whether the frames up to `position` are to be written now, so that when the next object is prompted for the first time the
   * `reach` frames up to its prompt are pending, and it can be followed back through all of them.
   */
  makesRoomAt(position: number, reach: number): boolean {
    if (!this.firsts.has(position + reach)) return false;
    for (let p = position + 1; p < position + reach; p++) if (this.firsts.has(p)) return false;
    return true;
  }
}
