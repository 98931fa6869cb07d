import type { Sam2Settings } from '../../../contracts/sam2-network';
import { resampleFilter, type ResampleFilter } from '../../geometry/resample-filter';
import { decodeRle } from '../../mask/rle';
import type { Rle } from '../../mask/types';

/** A mask that was given, as SAM 2 takes it; both are [inputSize / 4, inputSize / 4]. */
export interface GivenMask {
  /** -10 outside, 10 inside. */
  readonly logits: Float32Array;
  /** What the mask decoder is asked with, to get the object's pointer. */
  readonly prompt: Float32Array;
}

/**
 * A mask of the picture on the square of the network's input (sam2_video_predictor.py, `add_new_mask`; sam2_base.py, `_use_mask_as_output`). One that is
 * too thin to show there has one cell, where it covers most.
 */
export function givenMask(rle: Rle, inputSize: number, { mask_downsample: { weight, bias } }: Sam2Settings): GivenMask {
  const { width, height, data } = decodeRle(rle);
  const covered = resizeTriangle(Float32Array.from(data), width, height, inputSize);
  const inside = covered.map((value) => (value >= 0.5 ? 1 : 0));
  if (!inside.includes(1)) inside[covered.indexOf(covered.reduce((a, b) => Math.max(a, b)))] = 1;
  const side = inputSize / 4;
  const prompt = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let sum = bias;
      for (let k = 0; k < 16; k++) sum += weight[k]! * inside[(4 * y + (k >> 2)) * inputSize + 4 * x + (k & 3)]!;
      prompt[y * side + x] = sum;
    }
  return { logits: resizeTriangle(inside.map((value) => value * 20 - 10), inputSize, inputSize, side), prompt };
}

/** Antialiased bilinear resize to a square. */
function resizeTriangle(values: Float32Array, width: number, height: number, side: number): Float32Array {
  const rows = width === side ? values : resizeRows(values, width, height, resampleFilter(width, side, 'triangle'));
  return height === side ? rows : resizeColumns(rows, side, resampleFilter(height, side, 'triangle'));
}

function resizeRows(values: Float32Array, width: number, height: number, { taps, start, length, weights }: ResampleFilter): Float32Array {
  const out = new Float32Array(start.length * height);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < start.length; x++, to++) {
      let sum = 0;
      for (let k = 0; k < length[x]!; k++) sum += weights[x * taps + k]! * values[y * width + start[x]! + k]!;
      out[to] = sum;
    }
  return out;
}

function resizeColumns(values: Float32Array, width: number, { taps, start, length, weights }: ResampleFilter): Float32Array {
  const out = new Float32Array(width * start.length);
  for (let y = 0; y < start.length; y++)
    for (let k = 0; k < length[y]!; k++) {
      const [weight, from] = [weights[y * taps + k]!, (start[y]! + k) * width];
      for (let x = 0; x < width; x++) out[y * width + x]! += weight * values[from + x]!;
    }
  return out;
}
