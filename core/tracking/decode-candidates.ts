import type { ImageEmbedding, PromptableSegmenter, PromptBatch } from '../../contracts/segmenter';
import { bestCandidate, type MaskCandidate } from './candidate-masks';
import type { MaskGrid } from './mask-grid';
import type { PromptSubject } from './mask-prompts';

/** Objects per decoder call: bounds the memory for its output (4 masks per object). */
export const OBJECTS_PER_CALL = 64;

/** What one object is asked for, and what its answer is judged by. */
export interface DecoderSubject extends PromptSubject {
  /** Cells that the object usually covers. */
  readonly usualArea: number;
}

/** Asks SAM's decoder for each subject, in as many calls as it takes; the best answer of each (see `bestCandidate`), in their order. */
export async function decodeCandidates(
  segmenter: PromptableSegmenter,
  embedding: ImageEmbedding,
  grid: MaskGrid,
  subjects: readonly DecoderSubject[],
  toPrompts: (subjects: readonly PromptSubject[], grid: MaskGrid) => PromptBatch,
  signal?: AbortSignal,
): Promise<(MaskCandidate | null)[]> {
  const found: (MaskCandidate | null)[] = [];
  for (let from = 0; from < subjects.length; from += OBJECTS_PER_CALL) {
    const part = subjects.slice(from, from + OBJECTS_PER_CALL);
    const decoded = await segmenter.decode(embedding, toPrompts(part, grid), signal);
    part.forEach(({ predicted, usualArea }, i) => found.push(bestCandidate(decoded, i, predicted, usualArea, grid)));
    decoded.release?.();
  }
  return found;
}
