import type { CutieFrame } from '../../../contracts/cutie-network';
import { resizeBilinear } from '../../mask/resize';
import { aggregate, sigmoid, softmax, type SoftMasks } from '../token-memory/soft-masks';

/** Masks from logits at stride 4: objects compete there, then logits are made larger (cutie.py, `segment`). */
export function masksOfCutieLogits(logits: readonly Float32Array[], { rows, columns }: Pick<CutieFrame, 'rows' | 'columns'>): SoftMasks {
  const [width, height] = [4 * columns, 4 * rows];
  return softmax(aggregate(logits.map(sigmoid), width * height).map((plane) => resizeBilinear(plane, width, height, 4 * width, 4 * height)));
}

/** Means over 16 x 16 places: [rows, columns]. */
export function poolToCells(mask: Float32Array, { rows, columns }: Pick<CutieFrame, 'rows' | 'columns'>): Float32Array {
  const sums = new Float64Array(rows * columns);
  for (let y = 0, i = 0; y < 16 * rows; y++) for (let x = 0; x < 16 * columns; x++, i++) sums[(y >> 4) * columns + (x >> 4)]! += mask[i]!;
  return Float32Array.from(sums, (sum) => sum / 256);
}
