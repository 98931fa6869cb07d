import type { PromptBatch } from '../../contracts/segmenter';
import { cellBox, fillSquare, type MaskGrid } from './mask-grid';

export const BOX_TOP_LEFT = 2;
export const BOX_BOTTOM_RIGHT = 3;
const INSIDE = 1;

/** What one object is asked for: where its mask is expected, and the mask to feed back; both in int8 logit steps on the grid. */
export interface PromptSubject {
  /** Predicted mask, positive inside; gives box and points. */
  readonly predicted: Float32Array;
  /** Logits given to the decoder. */
  readonly memory: ArrayLike<number>;
}

/** S prompts: the box of the predicted mask, and the logits of the last mask. Subjects must have at least one positive cell. */
export function boxAndMaskPrompts(subjects: readonly PromptSubject[], grid: MaskGrid): PromptBatch {
  const pointCoords = new Float32Array(subjects.length * 4);
  const pointLabels = new Float32Array(subjects.length * 2);
  const area = grid.side * grid.side;
  const maskInput = new Float32Array(subjects.length * area);
  subjects.forEach((subject, i) => {
    pointCoords.set(pixelBox(subject.predicted, grid), i * 4);
    pointLabels.set([BOX_TOP_LEFT, BOX_BOTTOM_RIGHT], i * 2);
    fillSquare(subject.memory, grid, maskInput, i * area);
  });
  return { count: subjects.length, pointsPerPrompt: 2, pointCoords, pointLabels, maskInput, pictureOnly: true };
}

/** P prompts: two points deep inside the predicted mask and its box; no mask is fed back. */
export function boxAndPointPrompts(subjects: readonly PromptSubject[], grid: MaskGrid): PromptBatch {
  const pointCoords = new Float32Array(subjects.length * 8);
  const pointLabels = new Float32Array(subjects.length * 4);
  subjects.forEach((subject, i) => {
    pointCoords.set(interiorPoints(subject.predicted, grid), i * 8);
    pointCoords.set(pixelBox(subject.predicted, grid), i * 8 + 4);
    pointLabels.set([INSIDE, INSIDE, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT], i * 4);
  });
  return { count: subjects.length, pointsPerPrompt: 4, pointCoords, pointLabels, pictureOnly: true };
}

/** Box of the positive cells in picture pixels. */
function pixelBox(values: Float32Array, grid: MaskGrid): number[] {
  const box = cellBox(values, grid) ?? [0, 0, 1, 1];
  return [
    Math.max(0, box[0] * grid.cellX),
    Math.max(0, box[1] * grid.cellY),
    Math.min(grid.imageWidth, box[2] * grid.cellX),
    Math.min(grid.imageHeight, box[3] * grid.cellY),
  ];
}

/** The deepest cell, and a second one that is deep and far from it; x, y, x, y in picture pixels. */
export function interiorPoints(values: ArrayLike<number>, grid: MaskGrid): number[] {
  const depth = cityBlockDepth(values, grid);
  let first = 0;
  for (let i = 1; i < depth.length; i++) if (depth[i]! > depth[first]!) first = i;
  const fx = first % grid.width;
  const fy = Math.floor(first / grid.width);
  let second = first;
  let best = 0;
  for (let i = 0; i < depth.length; i++) {
    if (depth[i] === 0) continue;
    const apart = Math.abs((i % grid.width) - fx) + Math.abs(Math.floor(i / grid.width) - fy);
    const value = Math.min(depth[i]!, apart / 2);
    if (value > best) [best, second] = [value, i];
  }
  return [first, second].flatMap((i) => [((i % grid.width) + 0.5) * grid.cellX, (Math.floor(i / grid.width) + 0.5) * grid.cellY]);
}

/** City-block distance of each positive cell to the nearest other cell or border; 0 outside. */
function cityBlockDepth(values: ArrayLike<number>, grid: MaskGrid): Int32Array {
  const { width, height } = grid;
  const depth = new Int32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (values[i]! <= 0) continue;
      depth[i] = 1 + Math.min(x > 0 ? depth[i - 1]! : 0, y > 0 ? depth[i - width]! : 0);
    }
  }
  for (let y = height - 1, i = depth.length - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--, i--) {
      if (depth[i] === 0) continue;
      depth[i] = Math.min(depth[i]!, 1 + Math.min(x + 1 < width ? depth[i + 1]! : 0, y + 1 < height ? depth[i + width]! : 0));
    }
  }
  return depth;
}
