import type { ImageEmbedding } from '../../contracts/segmenter';
import { pictureCells } from '../geometry/picture-cells';
import type { MaskGrid } from './mask-grid';

// Not looked up in the global object pixel by pixel.
const { floor, max, min, sqrt } = Math;

/** Weight of the old prototype when a new view of an object comes in (as MASA's memory, momentum 0.8). */
const MOMENTUM = 0.8;

/** One frame's encoder output with the mean over the picture, which all objects share, taken out. */
export interface FrameFeatures {
  readonly embedding: ImageEmbedding;
  /** [channels] */
  readonly mean: Float32Array;
  /** Embedding cells that show picture. */
  readonly columns: number;
  readonly rows: number;
}

/** Frame mean of an embedding over its picture part (padding left out). */
export function createFrameFeatures(embedding: ImageEmbedding): FrameFeatures {
  const { channels, gridSize, data } = embedding;
  const { columns, rows } = pictureCells(embedding, gridSize);
  const mean = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let y = 0; y < rows; y++) {
      const from = (c * gridSize + y) * gridSize;
      for (let x = 0; x < columns; x++) sum += data[from + x]!;
    }
    mean[c] = sum / (rows * columns);
  }
  return { embedding, mean, columns, rows };
}

/**
 * Unit-length appearance of a mask: encoder features averaged over it, minus the frame's mean (SAM's features have a large
 * common part, which would make all objects look alike). `steps` are grid values, positive inside. All zeros for an empty mask.
 */
export function poolAppearance(steps: ArrayLike<number>, grid: MaskGrid, features: FrameFeatures): Float32Array {
  const { embedding, mean, columns, rows } = features;
  const { channels, gridSize, data } = embedding;
  const perCell = grid.side / gridSize;
  const cells: number[] = [];
  const weights: number[] = [];
  const counts = new Float64Array(columns * rows);
  for (let y = 0, i = 0; y < grid.height; y++) {
    const row = min(rows - 1, floor(y / perCell)) * columns;
    for (let x = 0; x < grid.width; x++, i++) if (steps[i]! > 0) counts[row + min(columns - 1, floor(x / perCell))]!++;
  }
  let total = 0;
  for (let k = 0; k < counts.length; k++) {
    if (counts[k]! === 0) continue;
    const row = floor(k / columns);
    cells.push(row * gridSize + (k - row * columns));
    weights.push(counts[k]!);
    total += counts[k]!;
  }
  const out = new Float32Array(channels);
  if (total === 0) return out;
  for (let c = 0; c < channels; c++) {
    const plane = c * gridSize * gridSize;
    let sum = 0;
    for (let k = 0; k < cells.length; k++) sum += data[plane + cells[k]!]! * weights[k]!;
    out[c] = sum / total - mean[c]!;
  }
  return normalise(out);
}

/** Scaled to length 1 in place; zeros stay zeros. */
export function normalise(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares > 0) {
    const scale = 1 / sqrt(squares);
    for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  }
  return vector;
}

/** Cosine of two unit vectors, -1..1; 0 when either is all zeros or lengths differ. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * What an object has looked like so far: a moving prototype, and mean and spread of the similarity of its own views to it.
 * Similarities differ between objects, so a new view is judged against the object's own history.
 */
export interface AppearanceModel {
  prototype: Float32Array;
  mean: number;
  variance: number;
  views: number;
}

export function emptyAppearance(): AppearanceModel {
  return { prototype: new Float32Array(0), mean: 1, variance: 0, views: 0 };
}

/** Takes in one view (unit vector). */
export function learnAppearance(model: AppearanceModel, view: Float32Array): void {
  if (model.views === 0) {
    model.prototype = view.slice();
    model.views = 1;
    return;
  }
  const similarity = cosine(model.prototype, view);
  const weight = max(0.1, 1 / model.views);
  const difference = similarity - model.mean;
  model.mean += weight * difference;
  model.variance = (1 - weight) * (model.variance + weight * difference * difference);
  for (let i = 0; i < view.length; i++) model.prototype[i] = MOMENTUM * model.prototype[i]! + (1 - MOMENTUM) * view[i]!;
  normalise(model.prototype);
  model.views++;
}

/**
 * How far a view falls below the object's usual similarity to its prototype, in its own standard deviations (at least 0.04,
 * since short histories are too even); 0 or less means as usual. 0 without a history.
 */
export function appearanceDrop(model: AppearanceModel, view: ArrayLike<number>): number {
  if (model.views === 0) return 0;
  const usual = model.views === 1 ? 0.9 : model.mean;
  return (usual - cosine(model.prototype, view)) / max(0.04, sqrt(model.variance));
}
