import type { ImageEmbedding } from '../../contracts/segmenter';
import { pictureCells } from '../geometry/picture-cells';

/** What a distance of the picture's whole side counts beside the difference of two features (0 alike, 1 unrelated). */
const PLACE_WEIGHT = 0.32;

/**
 * Those of a list of points that show something else than the others, so that few prompts find nearly what all would: farthest-first
 * traversal (Gonzalez 1985, "Clustering to minimize the maximum intercluster distance") from the point nearest to the middle until no
 * point left differs by more than `novelty` from its nearest chosen one. Two points differ by one minus the cosine of the encoder's
 * features there, plus their distance in the picture. Small things beside large ones are chosen early, plain ground last.
 * @param points [n, 2] x, y in pixels of the embedded picture
 * @param novelty 0 or less: all points
 * @returns [count, 2] chosen points in the order of the list; at least one when there are any. The same for the same input.
 */
export function novelPoints(embedding: ImageEmbedding, points: Float32Array, novelty: number): Float32Array {
  const total = points.length / 2;
  if (novelty <= 0 || total === 0) return points;
  const { channels, imageWidth, imageHeight } = embedding;
  const features = featuresAt(embedding, points);
  /** Distance of each point to its nearest chosen one; -1 for those that are chosen. */
  const nearest = new Float32Array(total).fill(Infinity);
  let next = middlePoint(points, imageWidth, imageHeight);
  for (let farthest = Infinity; farthest > novelty; ) {
    nearest[next] = -1;
    const own = features.subarray(next * channels, (next + 1) * channels);
    const [x, y] = [points[2 * next]!, points[2 * next + 1]!];
    farthest = -1;
    for (let i = 0; i < total; i++) {
      if (nearest[i]! < 0) continue;
      let cosine = 0;
      for (let c = 0, at = i * channels; c < channels; c++, at++) cosine += own[c]! * features[at]!;
      const dx = (points[2 * i]! - x) / imageWidth;
      const dy = (points[2 * i + 1]! - y) / imageHeight;
      nearest[i] = Math.min(nearest[i]!, Math.max(0, 1 - cosine) + PLACE_WEIGHT * Math.sqrt(dx * dx + dy * dy));
      if (nearest[i]! > farthest) {
        farthest = nearest[i]!;
        next = i;
      }
    }
  }
  const chosen: number[] = [];
  for (let i = 0; i < total; i++) if (nearest[i]! < 0) chosen.push(points[2 * i]!, points[2 * i + 1]!);
  return Float32Array.from(chosen);
}

function middlePoint(points: Float32Array, width: number, height: number): number {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < points.length / 2; i++) {
    const distance = Math.hypot(points[2 * i]! / width - 0.5, points[2 * i + 1]! / height - 0.5);
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return best;
}

/** Features at the points, between four cells by their distance, scaled to length 1: [n, channels]. */
function featuresAt(embedding: ImageEmbedding, points: Float32Array): Float32Array {
  const { data, channels, gridSize, validWidth, validHeight, inputSize, imageWidth, imageHeight } = embedding;
  const total = points.length / 2;
  const out = new Float32Array(total * channels);
  const area = gridSize * gridSize;
  const toCell = gridSize / inputSize;
  const { columns, rows } = pictureCells(embedding, gridSize);
  const [lastColumn, lastRow] = [columns - 1, rows - 1];
  for (let i = 0; i < total; i++) {
    const x = Math.max(0, Math.min(lastColumn, (points[2 * i]! / imageWidth) * validWidth * toCell - 0.5));
    const y = Math.max(0, Math.min(lastRow, (points[2 * i + 1]! / imageHeight) * validHeight * toCell - 0.5));
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [x1, y1] = [Math.min(lastColumn, x0 + 1), Math.min(lastRow, y0 + 1)];
    const [fx, fy] = [x - x0, y - y0];
    let square = 0;
    for (let c = 0; c < channels; c++) {
      const at = c * area;
      const top = data[at + y0 * gridSize + x0]! * (1 - fx) + data[at + y0 * gridSize + x1]! * fx;
      const bottom = data[at + y1 * gridSize + x0]! * (1 - fx) + data[at + y1 * gridSize + x1]! * fx;
      const value = top * (1 - fy) + bottom * fy;
      out[i * channels + c] = value;
      square += value * value;
    }
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let c = 0; c < channels; c++) out[i * channels + c]! *= scale;
  }
  return out;
}
