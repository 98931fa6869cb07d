import type { DecodedMasks } from '../../contracts/segmenter';
import type { MaskGrid } from './mask-grid';

/** One decoder mask judged against what was expected. */
export interface MaskCandidate {
  /** Cell logits on the grid. */
  readonly logits: Float32Array;
  /** Cells above 0. */
  readonly area: number;
  /** The model's own estimate, as given. */
  readonly predictedIou: number;
  /** IoU with the predicted mask, 0..1, on the grid. */
  readonly warpIou: number;
  readonly score: number;
}

/**
 * The best of one prompt's masks: 0.3 * predicted IoU + IoU with the predicted mask - 0.2 * |ln(area / usual area)|
 * (constants from our study of prompt tracking, docs/trackers.md). Empty masks are passed over; null when all are empty.
 * Equal scores: the earlier mask.
 */
export function bestCandidate(decoded: DecodedMasks, prompt: number, predicted: Float32Array, usualArea: number, grid: MaskGrid): MaskCandidate | null {
  const { logits } = decoded;
  const perMask = decoded.maskSize * decoded.maskSize;
  const expected = new Uint8Array(predicted.length);
  let predictedArea = 0;
  for (let i = 0; i < expected.length; i++) predictedArea += expected[i] = predicted[i]! > 0 ? 1 : 0;
  let best: { offset: number; area: number; predictedIou: number; warpIou: number; score: number } | null = null;
  for (let m = 0; m < decoded.masksPerPrompt; m++) {
    const index = prompt * decoded.masksPerPrompt + m;
    const offset = index * perMask;
    let area = 0;
    let shared = 0;
    for (let y = 0, i = 0; y < grid.height; y++) {
      let p = offset + y * grid.side;
      for (let x = 0; x < grid.width; x++, i++, p++) {
        const isInside = logits[p]! > 0 ? 1 : 0;
        area += isInside;
        shared += isInside & expected[i]!;
      }
    }
    if (area === 0) continue;
    const predictedIou = decoded.predictedIous[index]!;
    const warpIou = shared / (area + predictedArea - shared);
    const score = 0.3 * predictedIou + warpIou - 0.2 * Math.abs(Math.log(area / Math.max(1, usualArea)));
    if (!best || score > best.score) best = { offset, area, predictedIou, warpIou, score };
  }
  if (!best) return null;
  return { logits: cutFromSquare(logits, best.offset, grid), area: best.area, predictedIou: best.predictedIou, warpIou: best.warpIou, score: best.score };
}

/** The picture's part of one padded square of decoder logits, which starts at `offset`: [height, width] of the grid. */
export function cutFromSquare(logits: Float32Array, offset: number, grid: MaskGrid): Float32Array {
  const out = new Float32Array(grid.width * grid.height);
  for (let y = 0; y < grid.height; y++) {
    const from = offset + y * grid.side;
    out.set(logits.subarray(from, from + grid.width), y * grid.width);
  }
  return out;
}
