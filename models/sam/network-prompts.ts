import type { ImageEmbedding, PromptBatch } from '../../contracts/segmenter';

export interface NetworkPrompts {
  readonly pointsPerPrompt: number;
  /** [count, pointsPerPrompt, 2] in pixels of the input square. */
  readonly coords: Float32Array;
  /** [count, pointsPerPrompt]. */
  readonly labels: Float32Array;
}

/**
 * Prompts as the decoder graph takes them. Points go from picture pixels to input pixels, scaled by valid size over picture
 * size on each axis (segment_anything/utils/transforms.py, apply_coords). Prompts without a box get one more point at (0, 0)
 * with label -1, as SAM's prompt encoder pads them: leaving it out gives other, worse masks. Prompts that already have an
 * unused point are left alone, and with `padsBoxes` (SAM 2) those with a box are not. All prompts of a batch must be alike in this; the first one decides.
 */
export function toNetworkPrompts(embedding: ImageEmbedding, prompts: PromptBatch, padsBoxes = false): NetworkPrompts {
  const { count, pointsPerPrompt: given, pointCoords, pointLabels } = prompts;
  const isPadded = pointLabels.subarray(0, given).some((label) => label === -1 || (!padsBoxes && label >= 2));
  const pointsPerPrompt = isPadded ? given : given + 1;
  const coords = new Float32Array(count * pointsPerPrompt * 2);
  const labels = new Float32Array(count * pointsPerPrompt).fill(-1);
  const scaleX = embedding.validWidth / embedding.imageWidth;
  const scaleY = embedding.validHeight / embedding.imageHeight;
  for (let p = 0; p < count; p++) {
    for (let i = 0; i < given; i++) {
      const from = p * given + i;
      const to = p * pointsPerPrompt + i;
      labels[to] = pointLabels[from]!;
      if (labels[to] === -1) continue;
      coords[2 * to] = pointCoords[2 * from]! * scaleX;
      coords[2 * to + 1] = pointCoords[2 * from + 1]! * scaleY;
    }
  }
  return { pointsPerPrompt, coords, labels };
}
