import type { TokenFrame } from '../../../contracts/token-network';

/** Probabilities that a place is background and each object: planes [height, width] whose sum is 1. */
export interface SoftMasks {
  readonly background: Float32Array;
  readonly objects: readonly Float32Array[];
}

/** Masks at the size of the network's input from logits at stride 4, [4 * rows, 4 * columns] for each object. */
export type LogitsToMasks = (logits: readonly Float32Array[], grid: Pick<TokenFrame, 'rows' | 'columns'>) => SoftMasks;

// As single precision has them, since upstream's logits of sure places are those of the rounded limits.
const LEAST = Math.fround(1e-7);
const MOST = Math.fround(1 - 1e-7);

/**
 * Logits of the background and of each object among each other (XMem: aggregate.py; Cutie: tensor_utils.py, `aggregate`; Oh et al., "Space-Time Memory Networks",
 * 2019): the background is where no object is. `probs` are 0..1, all of one length.
 */
export function aggregate(probs: readonly Float32Array[], length: number): Float32Array[] {
  const none = new Float64Array(length).fill(1);
  for (const own of probs) for (let i = 0; i < length; i++) none[i]! *= Math.fround(1 - own[i]!);
  return [none, ...probs].map((own) => {
    const logits = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      const p = Math.min(MOST, Math.max(LEAST, Math.fround(own[i]!)));
      logits[i] = Math.log(p / Math.fround(1 - p));
    }
    return logits;
  });
}

/** Softmax over the planes; the first is the background. Works in place. */
export function softmax([background, ...objects]: readonly Float32Array[]): SoftMasks {
  const planes = [background!, ...objects];
  for (let i = 0; i < background!.length; i++) {
    let most = -Infinity;
    for (const plane of planes) if (plane[i]! > most) most = plane[i]!;
    let sum = 0;
    for (const plane of planes) sum += plane[i] = Math.exp(plane[i]! - most);
    for (const plane of planes) plane[i]! /= sum;
  }
  return { background: background!, objects };
}

export function sigmoid(logits: Float32Array): Float32Array {
  return logits.map((value) => 1 / (1 + Math.exp(-value)));
}

/** Masks of probabilities that do not know of each other. */
export function masksOfProbabilities(probs: readonly Float32Array[], length: number): SoftMasks {
  return softmax(aggregate(probs, length));
}

/** What all other objects cover, at most 1: the sum less the own mask. */
export function othersOf(masks: readonly Float32Array[]): Float32Array[] {
  const total = new Float64Array(masks[0]?.length ?? 0);
  for (const own of masks) for (let i = 0; i < total.length; i++) total[i]! += own[i]!;
  return masks.map((own) => own.map((value, i) => Math.min(1, Math.max(0, total[i]! - value))));
}
