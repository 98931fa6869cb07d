import { emptyRle, isEmptyRle } from '../../mask/rle';
import type { MaskGrid } from '../mask-grid';
import { masksWithoutOverlap } from '../sam2/non-overlap';
import type { TrackedMask } from '../types';
import { cropToPicture, type PaddedLayout } from './padded-layout';
import type { SoftMasks } from './soft-masks';

/**
 * Masks at the size of the picture: a pixel is of what is likeliest there (XMem: eval.py; Cutie: inference_core.py, `output_prob_to_mask`). How sure one is: its
 * mean probability where it is likelier than the background. `ids` by the order of the planes.
 */
export function answerOf(ids: readonly number[], { background, objects }: SoftMasks, layout: PaddedLayout): TrackedMask[] {
  const { imageWidth, imageHeight, innerWidth, innerHeight } = layout;
  const grid: MaskGrid = { side: innerWidth, width: innerWidth, height: innerHeight, cellX: imageWidth / innerWidth, cellY: imageHeight / innerHeight, imageWidth, imageHeight };
  const ground = cropToPicture(background, layout);
  const scores: number[] = [];
  const above = objects.map((plane) => {
    const own = cropToPicture(plane, layout);
    let sum = 0;
    let count = 0;
    for (let i = 0; i < own.length; i++) {
      const lead = own[i]! - ground[i]!;
      if (lead > 0) {
        sum += own[i]!;
        count++;
      }
      own[i] = lead;
    }
    scores.push(sum / Math.max(1, count));
    return own;
  });
  return masksWithoutOverlap(above, grid).map((rle, i) => {
    const present = !isEmptyRle(rle);
    return { objectId: ids[i]!, rle: present ? rle : emptyRle(imageWidth, imageHeight), score: present ? scores[i]! : 0, present };
  });
}
