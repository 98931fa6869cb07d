/**
 * Stability of a mask: area above the raised cut-off over area above the lowered one, 0..1
 * (segment_anything/utils/amg.py, calculate_stability_score). NaN for a mask that is empty at both (0/0).
 */
export function stabilityScore(areaAboveHigh: number, areaAboveLow: number): number {
  return areaAboveLow === 0 ? Number.NaN : areaAboveHigh / areaAboveLow;
}

/** SAM's test: score >= threshold, skipped when the threshold is 0; NaN (an empty mask) always fails. */
export function passesStability(score: number, threshold: number): boolean {
  if (Number.isNaN(score)) return false;
  return threshold <= 0 || score >= threshold;
}

/** SAM's test of the model's own estimate: score > threshold, skipped when the threshold is 0. */
export function passesPredictedIou(score: number, threshold: number): boolean {
  return threshold <= 0 || score > threshold;
}
