import type { AmgOptions } from '../../contracts/amg-options';
import type { DecodedMasks, ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';
import { lowestBar } from './fill-uncovered';
import { refineMasks } from './m2m';
import { passesPredictedIou } from './stability-score';

/** Masks of one batch of points: mask k of point p is number p * decoded.masksPerPrompt + k. */
export interface PointMasks {
  readonly decoded: DecodedMasks;
  /** Which of the decoder's masks count: 0..2 of 3, or only mask 0 of 4. */
  readonly masksPerPoint: number;
}

/**
 * Prompt with single foreground points and return the candidate masks, refined when useM2m is on.
 * @param points [count, 2] in pixels of the embedded picture.
 * @param onlyPromising refine only masks that already pass predIouThresh (SAM 2 refines all).
 */
export async function decodePointMasks(
  segmenter: PromptableSegmenter,
  embedding: ImageEmbedding,
  points: Float32Array,
  options: AmgOptions,
  onlyPromising: boolean,
  signal?: AbortSignal,
): Promise<PointMasks> {
  const count = points.length / 2;
  // What is refined goes back into the decoder whole.
  const prompts = { count, pointsPerPrompt: 1, pointCoords: points, pointLabels: new Float32Array(count).fill(1), pictureOnly: !options.useM2m };
  const decoded = options.multimaskOutput
    ? await segmenter.decodePoints(embedding, prompts, signal)
    : await segmenter.decode(embedding, prompts, signal);
  const masksPerPoint = options.multimaskOutput ? decoded.masksPerPrompt : 1;
  if (!options.useM2m) return { decoded, masksPerPoint };
  const { predIouThresh } = lowestBar(options);
  const isWanted = (index: number): boolean =>
    index % decoded.masksPerPrompt < masksPerPoint && (!onlyPromising || passesPredictedIou(decoded.predictedIous[index]!, predIouThresh));
  return { decoded: await refineMasks(segmenter, embedding, decoded, points, options.pointsPerBatch, isWanted, signal), masksPerPoint };
}
