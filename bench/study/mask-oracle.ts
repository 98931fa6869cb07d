import type { Rle } from '../../core/mask/types';
import { regionSimilarity } from '../../core/metrics/region-similarity';
import { mean } from './markdown';

/** Mean over the frames that show each object of the best J that any of the frame's masks has with it. */
export class MaskOracle {
  private readonly values = new Map<number, number[]>();

  add(masks: readonly Rle[], truth: ReadonlyMap<number, Rle>): void {
    for (const [id, rle] of truth) {
      const list = this.values.get(id) ?? [];
      this.values.set(id, list);
      list.push(Math.max(0, ...masks.map((mask) => regionSimilarity(mask, rle))));
    }
  }

  /** Null for an object that no frame showed. */
  of(id: number): number | null {
    const values = this.values.get(id);
    return values === undefined ? null : mean(values);
  }
}
