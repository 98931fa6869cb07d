import { decodeRle, emptyRle } from '../../core/mask/rle';
import { contourAccuracy } from '../../core/metrics/contour-accuracy';
import type { ComparedFrame } from './compared-frames';

/** Mean contour accuracy per object of the track that follows it best, over the frames where the object is visible. */
export class ContourScorer {
  private readonly sums = new Map<number, { sum: number; frames: number }>();

  /** @param best the track of each object of the truth, or null. */
  constructor(private readonly best: ReadonlyMap<number, number | null>) {}

  addFrame({ predictions, truth }: ComparedFrame): void {
    for (const [id, rle] of truth) {
      const track = this.best.get(id) ?? null;
      const prediction = track === null ? undefined : predictions.get(track);
      const entry = this.sums.get(id) ?? { sum: 0, frames: 0 };
      entry.frames++;
      entry.sum += contourAccuracy(decodeRle(prediction ?? emptyRle(rle.width, rle.height)), decodeRle(rle));
      this.sums.set(id, entry);
    }
  }

  result(): Map<number, number> {
    return new Map([...this.sums].map(([id, { sum, frames }]) => [id, sum / frames]));
  }
}
