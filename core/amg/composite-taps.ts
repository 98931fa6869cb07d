import { linearTaps } from '../mask/resize';

/**
 * Two bilinear resizes in a row along one axis, folded into one: target position i is
 * weights[3i] * s[first[i]] + weights[3i+1] * s[first[i]+1] + weights[3i+2] * s[first[i]+2].
 */
export interface CompositeTaps {
  readonly first: Int32Array;
  readonly weights: Float64Array;
  /** First and last target position that source position s reaches; firstTarget > lastTarget when none. */
  readonly firstTarget: Int32Array;
  readonly lastTarget: Int32Array;
  /** First target position whose `first` is s or more; targets [cellStart[s], cellStart[s+1]) share their three sources. */
  readonly cellStart: Int32Array;
}

/**
 * SAM's postprocess_masks along one axis: `sourceSize` samples to `middleSize` (the padded square), cut to `validSize`, to
 * `targetSize`; both resizes as PyTorch's bilinear with align_corners=False. Equal to doing them one after the other up to
 * float rounding, and it never builds the square.
 * @throws RangeError when sourceSize < 3, middleSize < sourceSize, or validSize > middleSize.
 */
export function compositeTaps(sourceSize: number, middleSize: number, validSize: number, targetSize: number): CompositeTaps {
  if (sourceSize < 3 || middleSize < sourceSize || validSize > middleSize)
    throw new RangeError(`cannot fold ${sourceSize} -> ${middleSize} (cut to ${validSize}) -> ${targetSize}`);
  const inner = linearTaps(sourceSize, middleSize);
  const outer = linearTaps(validSize, targetSize);
  const first = new Int32Array(targetSize);
  const weights = new Float64Array(targetSize * 3);
  const firstTarget = new Int32Array(sourceSize).fill(targetSize);
  const lastTarget = new Int32Array(sourceSize).fill(-1);
  for (let i = 0; i < targetSize; i++) {
    const a = outer.low[i]!;
    const b = outer.high[i]!;
    const start = Math.min(inner.low[a]!, sourceSize - 3);
    first[i] = start;
    const share = outer.weight[i]!;
    addTaps(weights, i * 3 - start, inner.low[a]!, inner.high[a]!, inner.weight[a]!, 1 - share);
    addTaps(weights, i * 3 - start, inner.low[b]!, inner.high[b]!, inner.weight[b]!, share);
    for (let k = 0; k < 3; k++) {
      if (weights[i * 3 + k] === 0) continue;
      firstTarget[start + k] = Math.min(firstTarget[start + k]!, i);
      lastTarget[start + k] = Math.max(lastTarget[start + k]!, i);
    }
  }
  return { first, weights, firstTarget, lastTarget, cellStart: cellStarts(first, sourceSize) };
}

/** `first` never falls, so the ranges follow from counting. */
function cellStarts(first: Int32Array, sourceSize: number): Int32Array {
  const starts = new Int32Array(sourceSize);
  let from = 0;
  for (let s = 0; s < sourceSize; s++) {
    while (from < first.length && first[from]! < s) from++;
    starts[s] = from;
  }
  return starts;
}

function addTaps(weights: Float64Array, base: number, low: number, high: number, weight: number, share: number): void {
  weights[base + low]! += (1 - weight) * share;
  weights[base + high]! += weight * share;
}
