import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { IdAt } from './edit-line';

/** Counts the frames on which more than one object of a merge has a mask. Call `add` for every line of the original. */
export class UnitedFrames {
  private frames = 0;

  /** @param idAt which IDs the masks had before the merge. @param ids the objects that are merged */
  constructor(
    private readonly idAt: IdAt,
    private readonly ids: readonly number[],
  ) {}

  get count(): number {
    return this.frames;
  }

  add({ frame, objects }: MaskLine): void {
    const seen = new Set<number>();
    for (const { id } of objects) {
      const now = this.idAt(id, frame);
      if (this.ids.includes(now)) seen.add(now);
    }
    if (seen.size > 1) this.frames++;
  }
}
