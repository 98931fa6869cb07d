const { exp, log1p, max, min } = Math;

/** Logit of a probability of 1 - 1e-7. */
const LARGEST_LOGIT = 16.118;
/** Most places of most objects are clamped to this. */
const SMALLEST_ODDS = exp(-LARGEST_LOGIT);
/** What a place that is clamped adds to its cell, with so little against it that a half holds no difference; most places do. */
const SMALLEST_SHARE = 0.25 / (1 + exp(LARGEST_LOGIT));
const NEARLY_SMALLEST = -LARGEST_LOGIT - 0.08;
/** Below it log(1 + x) is its series to the third power, to the last bit of a float. */
const SMALL = 1e-3;

/**
 * Soft aggregation (Oh et al., "Space-Time Memory Networks", 2019, equation 5, with a background of odds 1): the odds of each
 * object against the background and its competitors together, as logits log(odds / (1 + sum of the competitors' odds)). Objects
 * that share a place (`partners`, by index) do not compete.
 * @param logits one array per object, all of one length; each object for itself.
 */
export function aggregateLogits(logits: readonly Float32Array[], partners: readonly (readonly number[])[]): Float32Array[] {
  const length = logits[0]?.length ?? 0;
  const total = new Float64Array(length);
  const odds = logits.map((own) => {
    const out = new Float32Array(length);
    for (let p = 0; p < length; p++) {
      const logit = own[p]!;
      out[p] = logit <= -LARGEST_LOGIT ? SMALLEST_ODDS : exp(min(LARGEST_LOGIT, logit));
      total[p]! += out[p]!;
    }
    return out;
  });
  const rivals = new Float64Array(length);
  return logits.map((own, i) => {
    rivals.set(total);
    for (const j of [i, ...partners[i]!]) {
      const other = odds[j]!;
      for (let p = 0; p < length; p++) rivals[p]! -= other[p]!;
    }
    const out = new Float32Array(length);
    for (let p = 0; p < length; p++) {
      const rival = max(0, rivals[p]!);
      out[p] = max(-LARGEST_LOGIT, min(LARGEST_LOGIT, own[p]!)) - (rival < SMALL ? rival * (1 - rival * (0.5 - rival / 3)) : log1p(rival));
    }
    return out;
  });
}

/** Probabilities of logits on a grid of 2*columns x 2*rows, averaged over 2 x 2: [rows, columns], 0..1. */
export function poolProbabilities(logits: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(columns * rows);
  for (let y = 0, i = 0; y < 2 * rows; y++) {
    const to = (y >> 1) * columns;
    for (let x = 0; x < 2 * columns; x++, i++) {
      const logit = logits[i]!;
      out[to + (x >> 1)]! += logit <= -LARGEST_LOGIT && logit > NEARLY_SMALLEST ? SMALLEST_SHARE : 0.25 / (1 + exp(-logit));
    }
  }
  return out;
}

/** Mean probability over the positions where the logit is above 0; 0 when there is none. How sure a mask is of itself. */
export function meanConfidence(logits: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (const logit of logits) {
    if (logit <= 0) continue;
    sum += 1 / (1 + exp(-logit));
    count++;
  }
  return count > 0 ? sum / count : 0;
}
