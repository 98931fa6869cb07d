import type { DecodedMasks, ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';

/** Logits are limited to this before they are fed back (sam2/sam2_image_predictor.py). */
const LOGIT_LIMIT = 32;

/**
 * SAM 2's refinement (sam2/automatic_mask_generator.py, refine_with_m2m): every mask's low-resolution logits go back in with
 * its point, and the single-mask output replaces it.
 * @param points [prompts, 2] the points that gave `decoded`, in picture pixels.
 * @param isWanted called with the index prompt*masksPerPrompt+k; masks that are not wanted keep their logits and score.
 */
export async function refineMasks(
  segmenter: PromptableSegmenter,
  embedding: ImageEmbedding,
  decoded: DecodedMasks,
  points: Float32Array,
  pointsPerBatch: number,
  isWanted: (index: number) => boolean,
  signal?: AbortSignal,
): Promise<DecodedMasks> {
  const area = decoded.maskSize * decoded.maskSize;
  const total = decoded.count * decoded.masksPerPrompt;
  const wanted = Array.from({ length: total }, (_, i) => i).filter(isWanted);
  const logits = decoded.logits.slice();
  const predictedIous = decoded.predictedIous.slice();
  for (let from = 0; from < wanted.length; from += pointsPerBatch) {
    const part = wanted.slice(from, from + pointsPerBatch);
    const pointCoords = new Float32Array(part.length * 2);
    const maskInput = new Float32Array(part.length * area);
    part.forEach((index, i) => {
      const prompt = Math.floor(index / decoded.masksPerPrompt);
      pointCoords.set(points.subarray(prompt * 2, prompt * 2 + 2), i * 2);
      for (let p = 0; p < area; p++) maskInput[i * area + p] = Math.max(-LOGIT_LIMIT, Math.min(LOGIT_LIMIT, decoded.logits[index * area + p]!));
    });
    const pointLabels = new Float32Array(part.length).fill(1);
    const refined = await segmenter.decode(embedding, { count: part.length, pointsPerPrompt: 1, pointCoords, pointLabels, maskInput }, signal);
    part.forEach((index, i) => {
      const source = i * refined.masksPerPrompt * area;
      logits.set(refined.logits.subarray(source, source + area), index * area);
      predictedIous[index] = refined.predictedIous[i * refined.masksPerPrompt]!;
    });
  }
  return { ...decoded, logits, predictedIous };
}
