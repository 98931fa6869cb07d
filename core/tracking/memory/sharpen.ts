import type { ImageEmbedding, PromptableSegmenter } from '../../../contracts/segmenter';
import { bestCandidate } from '../candidate-masks';
import { LOGIT_STEPS, quantiseSteps, type MaskGrid } from '../mask-grid';
import { boxAndMaskPrompts } from '../mask-prompts';
import { countInside } from '../object-state';

/** Mask logits on a stride-4 grid, one array per object, to better ones in the same order. */
export type MaskSharpener = (logits: readonly Float32Array[], embedding: ImageEmbedding, grid: MaskGrid) => Promise<readonly Float32Array[]>;

/** A redrawn mask counts only when it agrees this much (IoU on the grid) with the one it was made from. */
const MIN_AGREEMENT = 0.65;
/** Objects per decoder call: bounds the memory for its output. */
const OBJECTS_PER_CALL = 64;

/**
 * Borders from SAM's decoder, prompted with each mask and its box: it sees finer than the memory network, but may choose another
 * thing, so its mask is taken only where it agrees with the given one.
 */
export function createSharpener(segmenter: PromptableSegmenter, signal?: AbortSignal): MaskSharpener {
  return async (logits, embedding, grid) => {
    const out = logits.slice();
    const visible = logits.map((values, i) => ({ i, values, area: countInside(values) })).filter(({ area }) => area > 0);
    for (let from = 0; from < visible.length; from += OBJECTS_PER_CALL) {
      const part = visible.slice(from, from + OBJECTS_PER_CALL);
      const subjects = part.map(({ values }) => ({ predicted: values.map((value) => value * LOGIT_STEPS), memory: quantiseSteps(values) }));
      const decoded = await segmenter.decode(embedding, boxAndMaskPrompts(subjects, grid), signal);
      part.forEach(({ i, values, area }, n) => {
        const found = bestCandidate(decoded, n, values, area, grid);
        if (found && found.warpIou >= MIN_AGREEMENT) out[i] = found.logits;
      });
    }
    return out;
  };
}
