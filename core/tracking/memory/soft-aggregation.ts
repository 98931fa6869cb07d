const { exp, log1p, max, min } = Math;

/** Logit of a probability of 1 - 1e-7. */
const LARGEST_LOGIT = 16.118;

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
      out[p] = exp(clampLogit(own[p]!));
      total[p]! += out[p]!;
    }
    return out;
  });
  return logits.map((own, i) => {
    const rivals = total.slice();
    for (const j of [i, ...partners[i]!]) for (let p = 0; p < length; p++) rivals[p]! -= odds[j]![p]!;
    const out = new Float32Array(length);
    for (let p = 0; p < length; p++) out[p] = clampLogit(own[p]!) - log1p(max(0, rivals[p]!));
    return out;
  });
}

function clampLogit(value: number): number {
  return max(-LARGEST_LOGIT, min(LARGEST_LOGIT, value));
}

/** Probabilities of logits on a grid of 2*columns x 2*rows, averaged over 2 x 2: [rows, columns], 0..1. */
export function poolProbabilities(logits: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(columns * rows);
  for (let y = 0, i = 0; y < 2 * rows; y++) {
    const to = (y >> 1) * columns;
    for (let x = 0; x < 2 * columns; x++, i++) out[to + (x >> 1)]! += 0.25 / (1 + exp(-logits[i]!));
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
