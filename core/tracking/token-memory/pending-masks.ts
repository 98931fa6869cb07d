import type { Rle } from '../../mask/types';
import { maskOnLayout, type PaddedLayout } from './padded-layout';
import { masksOfProbabilities, type LogitsToMasks, type SoftMasks } from './soft-masks';

/**
 * The masks of the current frame, which is remembered only when the next one comes: until then objects may be given. An object that is
 * removed meanwhile stays here, since it was there when the others were segmented.
 */
export class PendingMasks {
  private masks: SoftMasks | null = null;

  constructor(
    readonly layout: PaddedLayout,
    private readonly masksOfLogits: LogitsToMasks,
    /** By object, logits at stride 4 of those that were moved to the frame: [height / 4, width / 4]. */
    readonly logits: ReadonlyMap<number, Float32Array> = new Map(),
    /** Masks that were given, in this order; those of one call do not overlap. */
    readonly given: { readonly objectId: number; readonly rle: Rle }[] = [],
  ) {}

  /** Objects by the order of their planes. */
  get ids(): number[] {
    return [...new Set([...this.logits.keys(), ...this.given.map(({ objectId }) => objectId)])];
  }

  /** Given masks take their places from all other objects (inference_core.py, `step`). */
  give(masks: ReadonlyMap<number, Rle>): void {
    for (const [objectId, rle] of masks) this.given.push({ objectId, rle });
    this.masks = null;
  }

  /** The masks by the order of `ids`. */
  soft(): SoftMasks {
    return (this.masks ??= this.merge());
  }

  private merge(): SoftMasks {
    const { width, height } = this.layout;
    const length = width * height;
    const moved = this.masksOfLogits([...this.logits.values()], { rows: height / 16, columns: width / 16 });
    if (this.given.length === 0) return moved;
    const planes = new Map([...this.logits.keys()].map((id, i) => [id, moved.objects[i]!]));
    for (const { objectId, rle } of this.given) {
      const mask = maskOnLayout(rle, this.layout);
      for (const [id, plane] of planes) if (id !== objectId) mask.forEach((value, i) => value > 0 && (plane[i] = 0));
      planes.set(objectId, mask);
    }
    return masksOfProbabilities(this.ids.map((id) => planes.get(id)!), length);
  }
}
