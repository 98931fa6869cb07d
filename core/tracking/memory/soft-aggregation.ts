const { exp, log1p, min } = Math;

/** Logit of a probability of 1 - 1e-7. */
const LARGEST_LOGIT = 16.118;
/** What is no more likely than this is not the object, whoever else is there: so are most places of most objects. */
const SMALLEST_LOGIT = -LARGEST_LOGIT;
const SMALLEST_ODDS = exp(SMALLEST_LOGIT);
/** What such a place adds to its cell. */
const SMALLEST_SHARE = 0.25 / (1 + exp(LARGEST_LOGIT));
/** Below it log(1 + x) is its series to the third power, to the last bit of a float. */
const SMALL = 1e-3;

/**
 * Soft aggregation (Oh et al., "Space-Time Memory Networks", 2019, equation 5, with a background of odds 1): the odds of each
 * object against the background and its competitors together, as logits log(odds / (1 + sum of the competitors' odds)). Objects
 * that share a place (`partners`, by index) do not compete.
 * @param logits one array per object, all of one length; each object for itself.
 * @param known odds of logits by their array, to which new ones are added: competition that is settled twice needs them once.
 * @returns logits from -16.118 - log(1 + sum) to 16.118; exactly -16.118 where the object's own are no larger.
 */
export function aggregateLogits(logits: readonly Float32Array[], partners: readonly (readonly number[])[], known = new Map<Float32Array, Float32Array>()): Float32Array[] {
  const length = logits[0]?.length ?? 0;
  const total = new Float64Array(length);
  const odds = logits.map((own) => {
    let out = known.get(own);
    if (!out) known.set(own, (out = oddsOf(own)));
    for (let p = 0; p < length; p++) total[p]! += out[p]!;
    return out;
  });
  return logits.map((own, i) => {
    const sharing = [i, ...partners[i]!].map((j) => odds[j]!);
    const out = new Float32Array(length);
    for (let p = 0; p < length; p++) {
      const logit = own[p]!;
      if (logit <= SMALLEST_LOGIT) {
        out[p] = SMALLEST_LOGIT;
        continue;
      }
      let rival = total[p]!;
      for (const other of sharing) rival -= other[p]!;
      if (rival < 0) rival = 0;
      out[p] = min(LARGEST_LOGIT, logit) - (rival < SMALL ? rival * (1 - rival * (0.5 - rival / 3)) : log1p(rival));
    }
    return out;
  });
}

function oddsOf(logits: Float32Array): Float32Array {
  const out = new Float32Array(logits.length);
  for (let p = 0; p < out.length; p++) {
    const logit = logits[p]!;
    out[p] = logit <= SMALLEST_LOGIT ? SMALLEST_ODDS : exp(min(LARGEST_LOGIT, logit));
  }
  return out;
}

/** Probabilities of logits on a grid of 2*columns x 2*rows, averaged over 2 x 2: [rows, columns], 0..1. */
export function poolProbabilities(logits: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(columns * rows);
  for (let y = 0, i = 0; y < 2 * rows; y++) {
    const to = (y >> 1) * columns;
    for (let x = 0; x < 2 * columns; x++, i++) {
      const logit = logits[i]!;
      out[to + (x >> 1)]! += logit <= SMALLEST_LOGIT ? SMALLEST_SHARE : 0.25 / (1 + exp(-logit));
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
