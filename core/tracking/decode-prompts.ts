import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch } from '../../contracts/segmenter';
import type { Rle } from '../mask/types';
import { cutFromSquare } from './candidate-masks';
import { OBJECTS_PER_CALL } from './decode-candidates';
import { fillSquare, rleToSteps, upsampleToRle, type MaskGrid } from './mask-grid';
import { BOX_BOTTOM_RIGHT, BOX_TOP_LEFT } from './mask-prompts';
import type { ScoredMask } from './pending-frame';

/** What SAM is asked about one object: x, y in picture pixels; a label 1 (on the object) or 0 for each point. */
export interface PointPrompt {
  readonly points: readonly (readonly [number, number])[];
  readonly labels: readonly number[];
  /** x0, y0, x1, y1 */
  readonly box: readonly [number, number, number, number] | null;
  /** A mask to start from. */
  readonly mask: Rle | null;
}

/**
 * SAM's answers to a user's prompts, in their order; null where it draws nothing. As SamPredictor and SAM 2's video predictor
 * ask: a box is two more points with labels 2 and 3; a single point without box and mask is ambiguous, so of the three masks
 * for it the one of highest predicted IoU is taken; anything else has one answer. (segment_anything/predictor.py; sam2_base.py,
 * `_use_multimask`.) An unused point changes SAM's answer, so prompts of different numbers of points are never padded to one
 * batch but asked apart. The score is the predicted IoU, 0..1. Prompts need at least one point or a box.
 */
export async function decodePrompts(segmenter: PromptableSegmenter, embedding: ImageEmbedding, grid: MaskGrid, prompts: readonly PointPrompt[], signal?: AbortSignal): Promise<(ScoredMask | null)[]> {
  const answers = new Array<ScoredMask | null>(prompts.length).fill(null);
  const batches = new Map<string, number[]>();
  for (const [i, { points, box, mask }] of prompts.entries()) {
    const kind = `${points.length} ${box !== null} ${mask !== null}`;
    batches.set(kind, [...(batches.get(kind) ?? []), i]);
  }
  for (const batch of batches.values()) {
    for (let from = 0; from < batch.length; from += OBJECTS_PER_CALL) {
      const part = batch.slice(from, from + OBJECTS_PER_CALL);
      const decoded = await segmenter.decode(embedding, toBatch(part.map((i) => prompts[i]!), grid), signal);
      part.forEach((i, n) => (answers[i] = chooseMask(decoded, n, isAmbiguous(prompts[i]!), grid)));
      decoded.release?.();
    }
  }
  return answers;
}

function isAmbiguous({ points, box, mask }: PointPrompt): boolean {
  return points.length === 1 && box === null && mask === null;
}

/** Prompts that are alike in number of points, box and mask. */
function toBatch(prompts: readonly PointPrompt[], grid: MaskGrid): PromptBatch {
  const coords = prompts.flatMap(({ points, box }) => [...points.flat(), ...(box ?? [])]);
  const labels = prompts.flatMap((prompt) => [...prompt.labels, ...(prompt.box ? [BOX_TOP_LEFT, BOX_BOTTOM_RIGHT] : [])]);
  const batch = { count: prompts.length, pointsPerPrompt: labels.length / prompts.length, pointCoords: Float32Array.from(coords), pointLabels: Float32Array.from(labels), pictureOnly: true };
  if (prompts[0]!.mask === null) return batch;
  const area = grid.side * grid.side;
  const maskInput = new Float32Array(prompts.length * area);
  prompts.forEach(({ mask }, i) => fillSquare(rleToSteps(mask!, grid), grid, maskInput, i * area));
  return { ...batch, maskInput };
}

/** The mask that is meant, or when that is empty the best other one. Index 0 is SAM's single mask, the others are its three. */
function chooseMask(decoded: DecodedMasks, prompt: number, ambiguous: boolean, grid: MaskGrid): ScoredMask | null {
  const first = prompt * decoded.masksPerPrompt;
  const scoreOf = (m: number): number => decoded.predictedIous[first + m]!;
  const three = Array.from({ length: decoded.masksPerPrompt - 1 }, (_, m) => m + 1).sort((a, b) => scoreOf(b) - scoreOf(a) || a - b);
  for (const m of ambiguous ? [...three, 0] : [0, ...three]) {
    const logits = cutFromSquare(decoded.logits, (first + m) * decoded.maskSize * decoded.maskSize, grid);
    if (logits.some((value) => value > 0)) return { rle: upsampleToRle(logits, grid), score: Math.min(1, Math.max(0, scoreOf(m))) };
  }
  return null;
}
