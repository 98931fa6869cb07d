import { sam2SettingsSchema, type Sam2Masks, type Sam2MemoryQuery, type Sam2Network, type Sam2Settings } from '../../../contracts/sam2-network';
import type { ImageEmbedding, RgbImage } from '../../../contracts/segmenter';
import { FakeSegmenter, pictureOf } from './fake-segmenter';

const SIDE = 32;
const CELLS = 64;
/** Red, green, blue, and how many cells the object has. */
const CHANNELS = 4;

/** SAM 2.1's settings for a network of few channels. */
export const FAKE_SAM2_SETTINGS: Sam2Settings = sam2SettingsSchema.parse({
  hidden_dim: CHANNELS,
  mem_dim: CHANNELS,
  num_maskmem: 7,
  max_cond_frames_in_attn: -1,
  max_obj_ptrs_in_encoder: 16,
  memory_temporal_stride_for_eval: 1,
  only_obj_ptrs_in_the_past_for_eval: true,
  use_signed_tpos_enc_to_obj_ptrs: true,
  multimask_output_in_sam: true,
  multimask_output_for_tracking: true,
  multimask_min_pt_num: 0,
  multimask_max_pt_num: 1,
  use_multimask_token_for_obj_ptr: true,
  fixed_no_obj_ptr: true,
  soft_no_obj_ptr: false,
  binarize_mask_from_pts_for_mem_enc: true,
  fill_hole_area: 8,
  non_overlap_masks: false,
  clear_non_cond_mem_around_input: false,
  add_all_frames_to_correct_as_cond: false,
  dynamic_multimask_via_stability: true,
  dynamic_multimask_stability_delta: 0.05,
  dynamic_multimask_stability_thresh: 0.98,
  no_obj_ptr: [0, 0, 0, 0],
  mask_downsample: { weight: Array.from({ length: 16 }, () => 1), bias: -8 },
});

/** A FakeSegmenter whose pictures are stretched to the square, as SAM 2 does. */
export class FakeSquareSegmenter extends FakeSegmenter {
  override async encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    return { ...(await super.encode(image, signal)), validWidth: this.inputSize, validHeight: this.inputSize };
  }
}

/** Recognises drawn shapes by colour: a memory is the mean colour under the mask; a mask is all cells of the mean remembered colour. */
export class FakeSam2Network implements Sam2Network {
  readonly inputSize = 4 * SIDE;
  readonly queries: Sam2MemoryQuery[] = [];

  constructor(readonly settings: Sam2Settings = FAKE_SAM2_SETTINGS) {}

  objectsPerRun(): number {
    return 2;
  }

  async attend(_embedding: ImageEmbedding, query: Sam2MemoryQuery, signal?: AbortSignal): Promise<Float32Array> {
    signal?.throwIfAborted();
    this.queries.push(query);
    const features = new Float32Array(query.objects * CHANNELS * CELLS);
    for (let n = 0; n < query.objects; n++) {
      const sums = [0, 0, 0, 0];
      for (let t = 0; t < query.frames; t++) {
        const at = (n * query.frames + t) * CHANNELS * CELLS;
        const cells = query.memory[at + 3 * CELLS]!;
        for (let c = 0; c < 3; c++) sums[c]! += cells * query.memory[at + c * CELLS]!;
        sums[3]! += cells;
      }
      for (let c = 0; c < 3; c++) features.fill(sums[c]! / Math.max(1, sums[3]!), (n * CHANNELS + c) * CELLS, (n * CHANNELS + c + 1) * CELLS);
    }
    return features;
  }

  async decodeObjects(embedding: ImageEmbedding, objects: number, features: Float32Array | null, maskInput: Float32Array | null, signal?: AbortSignal): Promise<Sam2Masks> {
    signal?.throwIfAborted();
    const area = SIDE * SIDE;
    const found = {
      objects,
      maskSize: SIDE,
      logits: new Float32Array(objects * 4 * area).fill(-8),
      predictedIous: new Float32Array(objects * 4),
      objectScores: new Float32Array(objects).fill(maskInput ? 4 : -4),
      pointers: new Float32Array(objects * 4 * CHANNELS).fill(0.5),
    };
    for (let n = 0; n < objects; n++) {
      found.predictedIous.set([0.5, 0.9, 0.8, 0.1], 4 * n);
      if (!features) continue;
      const colour = [0, 1, 2].map((c) => features[(n * CHANNELS + c) * CELLS]!);
      colourCells(embedding).forEach((own, i) => {
        if (!own.every((value, c) => Math.abs(value - colour[c]!) < 0.12)) return;
        found.logits[(4 * n + 1) * area + i] = 8;
        found.objectScores[n] = 4;
      });
    }
    return found;
  }

  async remember(embedding: ImageEmbedding, logits: Float32Array, _binarize: boolean, absent: readonly boolean[], signal?: AbortSignal): Promise<Float32Array> {
    signal?.throwIfAborted();
    const memory = new Float32Array(absent.length * CHANNELS * CELLS);
    const colours = colourCells(embedding);
    absent.forEach((_, n) => {
      const inside = colours.filter((_colour, i) => logits[n * SIDE * SIDE + i]! > 0);
      for (let c = 0; c < 3; c++) memory.fill(inside.reduce((sum, colour) => sum + colour[c]!, 0) / Math.max(1, inside.length), (n * CHANNELS + c) * CELLS, (n * CHANNELS + c + 1) * CELLS);
      memory.fill(inside.length, (n * CHANNELS + 3) * CELLS, (n + 1) * CHANNELS * CELLS);
    });
    return memory;
  }

  inferenceMs(): number {
    return 0;
  }

  async dispose(): Promise<void> {}
}

/** The picture's colour at the middle of each cell of the mask grid, 0..1. */
function colourCells(embedding: ImageEmbedding): number[][] {
  const { width, height, data } = pictureOf(embedding);
  return Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = Math.floor(((i % SIDE) + 0.5) * (width / SIDE));
    const y = Math.floor((Math.floor(i / SIDE) + 0.5) * (height / SIDE));
    return [0, 1, 2].map((c) => data[(y * width + x) * 3 + c]! / 256);
  });
}
