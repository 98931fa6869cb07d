import { memoryPlaces, SAM2_SETTINGS_ROLE, sam2SettingsSchema, type Sam2Settings } from '../../contracts/sam2-network';
import { readBundleSettings } from '../../models/runtime/bundle-settings';
import { counted, tensor, waves } from './case-tensors';
import type { CaseSizes, EarlierOutputs, GraphCase, RunFamily } from './graph-case';
import { encoderCase } from './sam-graph-cases';

/** The four graphs of SAM 2 or EdgeTAM for one input size. */
export const runSam2Graphs: RunFamily = async (bundle, sizes, run) => {
  const settings = await readBundleSettings(bundle, SAM2_SETTINGS_ROLE, 'sam2.json', (value) => sam2SettingsSchema.parse(value));
  for (const cases of sam2Cases(sizes, settings, await run([encoderCase(sizes)]))) await run(cases);
};

function sam2Cases({ inputSize, prompts, objects, frames }: CaseSizes, settings: Sam2Settings, encoded: EarlierOutputs): GraphCase[][] {
  const side = inputSize / 4;
  const { hidden_dim: channels, mem_dim: memoryChannels, num_maskmem, max_obj_ptrs_in_encoder: pointers } = settings;
  const remembered = Math.min(frames, num_maskmem);
  const image_embeddings = encoded['image_embeddings']!;
  const decoder = prompts.map((count) => ({
    role: `decoder-${inputSize}`,
    batch: counted(count, 'prompt'),
    feeds: {
      ...encoded,
      no_memory: waves([1], 0, 1),
      point_coords: waves([count, 2, 2], inputSize / 3, inputSize / 2),
      point_labels: tensor([count, 2], (i) => (i % 2 === 0 ? 1 : -1)),
      mask_input: waves([count, 1, side, side], 4),
      has_mask_input: waves([1], 0, 1),
    },
  }));
  const attention = objects.map((count) => ({
    role: `memory-attention-${inputSize}`,
    batch: `${counted(count, 'object')}, ${remembered} frames`,
    feeds: {
      image_embeddings,
      memory: waves([count, remembered, memoryChannels, memoryPlaces(settings, inputSize)], 1),
      times: tensor([count, remembered], (i) => num_maskmem - 1 - (i % remembered)),
      pointers: waves([count, pointers, channels], 1),
      distances: waves([count, pointers], 0.5, 0.5),
    },
  }));
  const encoder = objects.map((count) => ({
    role: `memory-encoder-${inputSize}`,
    batch: counted(count, 'object'),
    feeds: { image_embeddings, mask_logits: waves([count, 1, side, side], 8), binarize: waves([1], 0), absent: waves([count], 0) },
  }));
  return [decoder, attention, encoder];
}
