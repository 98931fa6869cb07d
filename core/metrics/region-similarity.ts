import { rleArea } from '../mask/rle';
import { rleIntersectionArea } from '../mask/rle-ops';
import type { Rle } from '../mask/types';

/**
 * Region similarity J = |P and G| / |P or G|, 0..1 (Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for
 * Video Object Segmentation", 2016). Both empty gives 1. Throws RangeError when the sizes differ.
 */
export function regionSimilarity(prediction: Rle, truth: Rle): number {
  const intersection = rleIntersectionArea(prediction, truth);
  const union = rleArea(prediction) + rleArea(truth) - intersection;
  return union === 0 ? 1 : intersection / union;
}
