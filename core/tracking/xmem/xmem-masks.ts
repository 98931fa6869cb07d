import type { XmemFrame } from '../../../contracts/xmem-network';
import { resizeBilinear } from '../../mask/resize';
import { masksOfProbabilities, sigmoid, type SoftMasks } from '../token-memory/soft-masks';

/** Masks from logits at stride 4: they are made larger, then objects compete (network.py, `segment`; modules.py, `Decoder`). */
export function masksOfXmemLogits(logits: readonly Float32Array[], { rows, columns }: Pick<XmemFrame, 'rows' | 'columns'>): SoftMasks {
  const [width, height] = [4 * columns, 4 * rows];
  return masksOfProbabilities(logits.map((own) => sigmoid(resizeBilinear(own, width, height, 4 * width, 4 * height))), 16 * width * height);
}
