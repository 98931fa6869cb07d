import type { LabelMap } from './label-map';
import { PairCounts } from './pair-counts';

/** One frame with at most one object per pixel on either side; both maps have one size. */
export interface LabelledFrame {
  readonly truth: LabelMap;
  readonly predicted: LabelMap;
  /** Value of the truth for pixels that are not judged, or null. */
  readonly voidLabel: number | null;
  /** True when 0 in the truth is background; false when it is unlabelled, so not judged either. */
  readonly everyObject: boolean;
}

/** Stands for pixels that are not judged, where 0 stands for background. */
export const UNJUDGED = -1;

/** Truth object of a pixel, 0 for background, or UNJUDGED. */
export function judgedLabel(value: number, { voidLabel, everyObject }: LabelledFrame): number {
  if (value === voidLabel) return UNJUDGED;
  return value === 0 && !everyObject ? UNJUDGED : value;
}

/** Pixels by truth object (or 0, or UNJUDGED) and predicted object (or 0). Throws RangeError when the sizes differ. */
export function countLabelPairs(frame: LabelledFrame): PairCounts {
  checkOneSize(frame);
  const [truth, predicted] = [frame.truth.data, frame.predicted.data];
  const pairs = new PairCounts();
  let start = 0;
  for (let i = 1; i <= truth.length; i++) {
    if (i < truth.length && truth[i] === truth[start] && predicted[i] === predicted[start]) continue;
    pairs.add(judgedLabel(truth[start]!, frame), predicted[start]!, i - start);
    start = i;
  }
  return pairs;
}

/** @throws RangeError when the two maps of a frame differ in size. */
export function checkOneSize({ truth, predicted }: LabelledFrame): void {
  if (truth.width !== predicted.width || truth.height !== predicted.height)
    throw new RangeError(`label maps differ in size: ${truth.width}x${truth.height} and ${predicted.width}x${predicted.height}`);
}
