import type { ImageEmbedding } from '../../contracts/segmenter';

/** Cells of a grid of `side` x `side` over the padded square that show picture: the top left columns and rows, the last of which perhaps in part. */
export function pictureCells({ inputSize, validWidth, validHeight }: Pick<ImageEmbedding, 'inputSize' | 'validWidth' | 'validHeight'>, side: number): { readonly columns: number; readonly rows: number } {
  const along = (valid: number): number => Math.min(side, Math.ceil((valid * side) / inputSize));
  return { columns: along(validWidth), rows: along(validHeight) };
}
