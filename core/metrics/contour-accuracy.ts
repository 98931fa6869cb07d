import { boundary, dilate } from '../mask/morphology';
import type { Bitmask } from '../mask/types';

/** Tolerance of the DAVIS benchmark in pixels: ceil(0.008 * diagonal). */
export function contourTolerance(width: number, height: number): number {
  return Math.ceil(0.008 * Math.hypot(width, height));
}

/**
 * Contour accuracy F, 0..1: F1 of boundary pixels that lie within `tolerance` pixels (disk) of the other boundary
 * (Perazzi et al. 2016; `db_eval_boundary` of davis2017). Precision is 1 when there is no predicted but some true
 * boundary, recall 1 in the reverse case, so F is 0 then; without any boundary it is 1.
 * Throws RangeError when the sizes differ.
 */
export function contourAccuracy(
  prediction: Bitmask,
  truth: Bitmask,
  tolerance: number = contourTolerance(truth.width, truth.height),
): number {
  if (prediction.width !== truth.width || prediction.height !== truth.height)
    throw new RangeError(`masks differ in size: ${prediction.width}x${prediction.height} and ${truth.width}x${truth.height}`);
  const predicted = boundary(prediction);
  const real = boundary(truth);
  const precision = shareNear(predicted, real, tolerance);
  const recall = shareNear(real, predicted, tolerance);
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** Share of the set pixels of `lines` within `tolerance` of a set pixel of `target`; 1 when `lines` is empty. */
function shareNear(lines: Bitmask, target: Bitmask, tolerance: number): number {
  const near = dilate(target, tolerance, 'disk').data;
  let total = 0;
  let hits = 0;
  for (let i = lines.data.indexOf(1); i >= 0; i = lines.data.indexOf(1, i + 1)) {
    total++;
    hits += near[i]!;
  }
  return total === 0 ? 1 : hits / total;
}
