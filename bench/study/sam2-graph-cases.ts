import { memoryPlaces, type Sam2Settings } from '../../contracts/sam2-network';
import type { FloatTensor } from '../../models/runtime/ort-session';
import type { CaseSizes, EarlierOutputs, GraphCase } from './graph-cases';

/** The graphs of a bundle of the SAM 2 family besides the encoder, by role: fed with the encoder's output and numbers of about the size that real ones have. */
export function sam2Cases({ inputSize, prompts, objects, frames }: CaseSizes, settings: Sam2Settings, encoded: EarlierOutputs): GraphCase[][] {
  const side = inputSize / 4;
  const { hidden_dim: channels, mem_dim: memoryChannels, num_maskmem, max_obj_ptrs_in_encoder: pointers } = settings;
  const remembered = Math.min(frames, num_maskmem);
  const image_embeddings = encoded['image_embeddings']!;
  const decoder = prompts.map((count) => ({
    role: `decoder-${inputSize}`,
    batch: `${count} prompt${count === 1 ? '' : 's'}`,
    feeds: {
      ...encoded,
      no_memory: waves([1], 0, 1),
      point_coords: waves([count, 2, 2], inputSize / 3, inputSize / 2),
      point_labels: { data: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1 : -1)), dims: [count, 2] },
      mask_input: waves([count, 1, side, side], 4),
      has_mask_input: waves([1], 0, 1),
    },
  }));
  const attention = objects.map((count) => ({
    role: `memory-attention-${inputSize}`,
    batch: `${count} object${count === 1 ? '' : 's'}, ${remembered} frames`,
    feeds: {
      image_embeddings,
      memory: waves([count, remembered, memoryChannels, memoryPlaces(settings, inputSize)], 1),
      times: { data: Float32Array.from({ length: count * remembered }, (_, i) => num_maskmem - 1 - (i % remembered)), dims: [count, remembered] },
      pointers: waves([count, pointers, channels], 1),
      distances: waves([count, pointers], 0.5, 0.5),
    },
  }));
  const encoder = objects.map((count) => ({
    role: `memory-encoder-${inputSize}`,
    batch: `${count} object${count === 1 ? '' : 's'}`,
    feeds: { image_embeddings, mask_logits: waves([count, 1, side, side], 8), binarize: waves([1], 0), absent: waves([count], 0) },
  }));
  return [decoder, attention, encoder];
}

function waves(dims: readonly number[], size: number, middle = 0): FloatTensor {
  return { data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => middle + size * Math.sin(0.7 * i + Math.sin(0.013 * i))), dims: [...dims] };
}
