import type { TrackLine } from '../../contracts/artefacts';
import type { GivenPrompt } from '../../contracts/prompts';

/**
 * How given objects get from a chunk into the next one: their masks on frames of the overlap window, as prompts. Each object is
 * handed over where the window first shows it, and again where the user prompts it inside the window, so that both
 * chunks have the same mask there. An object that the window does not show is not handed over.
 */
export class HandOver {
  private readonly handedOver: GivenPrompt[] = [];
  private readonly seen = new Set<number>();
  private readonly prompted: ReadonlySet<string>;

  /**
   * @param givenIds ID by localId of the chunk on the left
   * @param prompts what the user says in the chunk on the right
   */
  constructor(
    private readonly givenIds: ReadonlyMap<number, number>,
    private readonly prompts: readonly GivenPrompt[],
  ) {
    this.prompted = new Set(prompts.map(placeOf));
  }

  /** Takes in the left chunk's lines of the window, in order. */
  add({ position, objects }: Pick<TrackLine, 'position' | 'objects'>): void {
    for (const { localId, rle } of objects) {
      const objectId = this.givenIds.get(localId);
      if (objectId === undefined) continue;
      if (this.seen.has(objectId) && !this.prompted.has(placeOf({ position, objectId }))) continue;
      this.seen.add(objectId);
      this.handedOver.push({ position, objectId, points: [], labels: [], box: null, mask: rle, isHandedOver: true });
    }
  }

  /** All prompts of the right chunk: what is handed over, and what the user says beyond it. */
  result(): GivenPrompt[] {
    const replaced = new Set(this.handedOver.map(placeOf));
    return [...this.handedOver, ...this.prompts.filter((prompt) => !replaced.has(placeOf(prompt)))].sort((a, b) => a.position - b.position || a.objectId - b.objectId);
  }
}

function placeOf({ position, objectId }: Pick<GivenPrompt, 'position' | 'objectId'>): string {
  return `${position} ${objectId}`;
}
