import type { ImageEmbedding, PromptableSegmenter } from '../../../contracts/segmenter';
import { decodeCandidates } from '../decode-candidates';
import { quantiseSteps, type MaskGrid } from '../mask-grid';
import { boxAndMaskPrompts } from '../mask-prompts';
import { countInside } from '../object-state';

/** Mask logits on a stride-4 grid, one array per object, to better ones in the same order. */
export type MaskSharpener = (logits: readonly Float32Array[], embedding: ImageEmbedding, grid: MaskGrid) => Promise<readonly Float32Array[]>;

/** A redrawn mask counts only when it agrees this much (IoU on the grid) with the one it was made from. */
const MIN_AGREEMENT = 0.8;

/**
 * Borders from SAM's decoder, prompted with each mask and its box: it sees finer than the memory network, but may choose another
 * thing, so its mask is taken only where it agrees with the given one.
 */
export function createSharpener(segmenter: PromptableSegmenter, signal?: AbortSignal): MaskSharpener {
  return async (logits, embedding, grid) => {
    const out = logits.slice();
    const visible = logits.map((values, i) => ({ i, predicted: values, memory: quantiseSteps(values), usualArea: countInside(values) })).filter(({ usualArea }) => usualArea > 0);
    const found = await decodeCandidates(segmenter, embedding, grid, visible, boxAndMaskPrompts, signal);
    visible.forEach(({ i }, n) => {
      const candidate = found[n];
      if (candidate && candidate.warpIou >= MIN_AGREEMENT) out[i] = candidate.logits;
    });
    return out;
  };
}
