import type { CutieFrame } from '../../../contracts/cutie-network';
import { resizeBilinear } from '../../mask/resize';

/** Probabilities that a place is background and each object: planes [height, width] whose sum is 1. */
export interface SoftMasks {
  readonly background: Float32Array;
  readonly objects: readonly Float32Array[];
}

// As single precision has them, since upstream's logits of sure places are those of the rounded limits.
const LEAST = Math.fround(1e-7);
const MOST = Math.fround(1 - 1e-7);

/**
 * Logits of the background and of each object among each other (tensor_utils.py, `aggregate`; Oh et al., "Space-Time Memory Networks",
 * 2019): the background is where no object is. `probs` are 0..1, all of one length.
 */
function aggregate(probs: readonly Float32Array[], length: number): Float32Array[] {
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
function softmax([background, ...objects]: readonly Float32Array[]): SoftMasks {
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

/** Masks at the size of the network's input from logits at stride 4, [4 * rows, 4 * columns] for each object. */
export function masksOfLogits(logits: readonly Float32Array[], { rows, columns }: Pick<CutieFrame, 'rows' | 'columns'>): SoftMasks {
  const [width, height] = [4 * columns, 4 * rows];
  const probs = logits.map((own) => own.map((value) => 1 / (1 + Math.exp(-value))));
  return softmax(aggregate(probs, width * height).map((plane) => resizeBilinear(plane, width, height, 4 * width, 4 * height)));
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

/** Means over 16 x 16 places: [rows, columns]. */
export function poolToCells(mask: Float32Array, { rows, columns }: Pick<CutieFrame, 'rows' | 'columns'>): Float32Array {
  const sums = new Float64Array(rows * columns);
  for (let y = 0, i = 0; y < 16 * rows; y++) for (let x = 0; x < 16 * columns; x++, i++) sums[(y >> 4) * columns + (x >> 4)]! += mask[i]!;
  return Float32Array.from(sums, (sum) => sum / 256);
}
