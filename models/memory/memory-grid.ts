import type { FeatureSquare, ImageEmbedding } from '../../contracts/segmenter';

/** Cells of the memory grid that cover the picture: 8 x 8 input pixels each, in whole pairs, so that stride 16 fits twice. */
export function memoryGridOf(embedding: ImageEmbedding): { readonly columns: number; readonly rows: number } {
  return { columns: 2 * Math.ceil(embedding.validWidth / 16), rows: 2 * Math.ceil(embedding.validHeight / 16) };
}

/** The top left columns x rows of every channel: [channels, rows, columns]. Throws RangeError when the square is smaller. */
export function cropFeatures(square: FeatureSquare, columns: number, rows: number): Float32Array {
  const { data, channels, gridSize } = square;
  if (columns > gridSize || rows > gridSize) throw new RangeError(`${columns}x${rows} cells do not fit into a square of ${gridSize}`);
  const out = new Float32Array(channels * rows * columns);
  for (let line = 0, to = 0; line < channels * rows; line++, to += columns) {
    const from = (Math.floor(line / rows) * gridSize + (line % rows)) * gridSize;
    out.set(data.subarray(from, from + columns), to);
  }
  return out;
}
