import { rleArea, rleCentroid } from '../mask/rle';
import { rleIou, rleTranslate } from '../mask/rle-ops';
import type { Rle } from '../mask/types';

export interface ObjectFlicker {
  readonly id: number;
  /** Frames on which the object is visible, and pairs of consecutive frames that were compared. */
  readonly visibleFrames: number;
  readonly comparedPairs: number;
  /** Mean of 1 - IoU of consecutive masks after their centroids were brought together, 0..1; 0 without a pair. */
  readonly shapeChange: number;
  /** Mean of |area change| / larger area of consecutive masks, 0..1. */
  readonly areaJitter: number;
  /** Changes between visible and invisible per 100 frames, from the object's first to its last visible frame. */
  readonly visibilityTogglesPer100: number;
}

export interface FlickerSummary {
  /** Means over all compared pairs of all objects. */
  readonly shapeChange: number;
  readonly areaJitter: number;
  /** Toggles per 100 frames of object lifetime. */
  readonly visibilityTogglesPer100: number;
  readonly objects: readonly ObjectFlicker[];
}

interface State {
  first: number;
  last: number;
  visible: number;
  pairs: number;
  shape: number;
  area: number;
  toggles: number;
  mask: Rle;
}

/**
 * Unsteadiness without ground truth. Call `addFrame` for every processed frame in order, then `result`. Movement is taken
 * out by moving the earlier mask by whole pixels so that the centroids meet; what is left is change of shape. Memory:
 * one mask per object.
 */
export class FlickerScorer {
  private readonly states = new Map<number, State>();
  private position = 0;

  addFrame(masks: ReadonlyMap<number, Rle>): void {
    const at = this.position++;
    for (const [id, mask] of masks) {
      const area = rleArea(mask);
      if (area === 0) continue;
      const state = this.states.get(id);
      if (!state) {
        this.states.set(id, { first: at, last: at, visible: 1, pairs: 0, shape: 0, area: 0, toggles: 0, mask });
        continue;
      }
      if (state.last === at - 1) {
        const before = rleArea(state.mask);
        state.pairs++;
        state.shape += 1 - alignedIou(state.mask, mask);
        state.area += Math.abs(area - before) / Math.max(area, before);
      } else state.toggles += 2;
      state.visible++;
      state.last = at;
      state.mask = mask;
    }
  }

  result(): FlickerSummary {
    const states = [...this.states].sort((a, b) => a[0] - b[0]);
    const total = (pick: (state: State) => number): number => states.reduce((sum, [, state]) => sum + pick(state), 0);
    const mean = (sum: number, n: number): number => (n === 0 ? 0 : sum / n);
    const life = (s: State): number => s.last - s.first + 1;
    const pairs = total((s) => s.pairs);
    return {
      shapeChange: mean(total((s) => s.shape), pairs),
      areaJitter: mean(total((s) => s.area), pairs),
      visibilityTogglesPer100: 100 * mean(total((s) => s.toggles), total(life)),
      objects: states.map(([id, s]) => ({
        id,
        visibleFrames: s.visible,
        comparedPairs: s.pairs,
        shapeChange: mean(s.shape, s.pairs),
        areaJitter: mean(s.area, s.pairs),
        visibilityTogglesPer100: (100 * s.toggles) / life(s),
      })),
    };
  }
}

/** IoU after moving `before` by whole pixels onto the centroid of `after`; both not empty. */
function alignedIou(before: Rle, after: Rle): number {
  const a = rleCentroid(before)!;
  const b = rleCentroid(after)!;
  const dx = Math.round(b.x - a.x);
  const dy = Math.round(b.y - a.y);
  return rleIou(dx === 0 && dy === 0 ? before : rleTranslate(before, dx, dy), after);
}
