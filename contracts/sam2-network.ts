import { z } from 'zod';
import type { ImageEmbedding } from './segmenter';

/**
 * sam2.json of a bundle of the family `sam2`: what the tracker's rules need, under upstream's names (sam2/modeling/sam2_base.py,
 * mask_decoder.py, sam2_video_predictor.py). Further fields are notes for people.
 */
export const sam2SettingsSchema = z.object({
  /** Channels of the encoder's features and of an object pointer. */
  hidden_dim: z.int().min(1).max(4096),
  /** Channels of a memory. */
  mem_dim: z.int().min(1).max(4096),
  /** EdgeTAM: latents that a memory consists of in place of the grid, those of no place and those of windows (modeling/perceiver.py); SAM 2 has none. */
  num_latents: z.int().min(0).max(65536).default(0),
  num_latents_2d: z.int().min(0).max(65536).default(0),
  /** Frames in the memory: one that was given, and so many less one of the last ones. */
  num_maskmem: z.int().min(2).max(64),
  /** Most given frames looked at, the nearest in time; -1 is no limit. */
  max_cond_frames_in_attn: z.union([z.literal(-1), z.int().min(2).max(1000)]),
  max_obj_ptrs_in_encoder: z.int().min(2).max(1000),
  memory_temporal_stride_for_eval: z.int().min(1).max(1000),
  /** Pointers of given frames before the current one only. With one direction in time there are no others. */
  only_obj_ptrs_in_the_past_for_eval: z.boolean(),
  use_signed_tpos_enc_to_obj_ptrs: z.boolean(),
  multimask_output_in_sam: z.boolean(),
  multimask_output_for_tracking: z.boolean(),
  multimask_min_pt_num: z.int().min(0),
  multimask_max_pt_num: z.int().min(0),
  use_multimask_token_for_obj_ptr: z.boolean(),
  fixed_no_obj_ptr: z.boolean(),
  soft_no_obj_ptr: z.boolean(),
  binarize_mask_from_pts_for_mem_enc: z.boolean(),
  /** Largest hole that is filled, in cells of the low-resolution mask; 0 fills none. */
  fill_hole_area: z.int().min(0),
  /** Objects may not share pixels: each belongs to the object with the highest logit. */
  non_overlap_masks: z.boolean(),
  /** Forget tracked frames around one on which the object is corrected. */
  clear_non_cond_mem_around_input: z.boolean(),
  /** Whether a frame on which a followed object is corrected counts as a given one. */
  add_all_frames_to_correct_as_cond: z.boolean(),
  dynamic_multimask_via_stability: z.boolean(),
  dynamic_multimask_stability_delta: z.number(),
  dynamic_multimask_stability_thresh: z.number(),
  /** [hidden_dim] pointer to an object that is hidden. */
  no_obj_ptr: z.array(z.number()),
  /** 4 x 4 convolution of stride 4 that makes a prompt of a given mask, row-major. */
  mask_downsample: z.object({ weight: z.array(z.number()).length(16), bias: z.number() }),
});
export type Sam2Settings = z.output<typeof sam2SettingsSchema>;

/** Places of one memory: EdgeTAM's latents, or the cells of the grid. */
export function memoryPlaces({ num_latents, num_latents_2d }: Sam2Settings, inputSize: number): number {
  return num_latents + num_latents_2d || (inputSize / 16) ** 2;
}

/** Roles of a `sam2` bundle's graphs, each followed by - and the input size; all are needed for every size. */
export const SAM2_GRAPHS = ['encoder', 'decoder', 'memory-attention', 'memory-encoder'] as const;
export const SAM2_SETTINGS_ROLE = 'sam2-settings';

/** Memories of some objects, as many frames and pointers for each. places = memoryPlaces(settings, inputSize). */
export interface Sam2MemoryQuery {
  readonly objects: number;
  readonly frames: number;
  readonly pointersPerObject: number;
  /** [objects, frames, mem_dim, places]. */
  readonly memory: Float32Array;
  /** [objects, frames] row of the table of temporal encodings. */
  readonly times: Float32Array;
  /** [objects, pointersPerObject, hidden_dim]. */
  readonly pointers: Float32Array;
  /** [objects, pointersPerObject] distance in time over the largest one. */
  readonly distances: Float32Array;
}

/** Answer of the mask decoder for some objects: mask 0 is the single one, 1 to 3 are the multimask outputs. */
export interface Sam2Masks {
  readonly objects: number;
  /** inputSize / 4. */
  readonly maskSize: number;
  /** [objects, 4, maskSize, maskSize] logits. */
  readonly logits: Float32Array;
  /** [objects, 4], 0..1. */
  readonly predictedIous: Float32Array;
  /** [objects] logit: above 0 where the object is seen. */
  readonly objectScores: Float32Array;
  /** [objects, 4, hidden_dim] object pointers by output token. */
  readonly pointers: Float32Array;
}

/**
 * The networks of SAM 2 for video (Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024) or of EdgeTAM (Zhou et al., "EdgeTAM: On-Device Track Anything Model", 2025), without any rule of memory:
 * those are in core/tracking/sam2. models/sam2 implements it over onnxruntime-node. The embedding must be one of its own encoder.
 */
export interface Sam2Network {
  readonly settings: Sam2Settings;
  readonly inputSize: number;
  /** Most objects in one run over so many remembered frames, that memory stays bounded. */
  objectsPerRun(frames: number): number;
  /** The frame's features for each object, in the light of its memories: [objects, hidden_dim, cells], cells = gridSize squared. */
  attend(embedding: ImageEmbedding, query: Sam2MemoryQuery, signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Masks without points. `features` is what `attend` gave, or null for the frame's own; `maskInput` [objects, maskSize, maskSize] a
   * prompt made of masks.
   */
  decodeObjects(embedding: ImageEmbedding, objects: number, features: Float32Array | null, maskInput: Float32Array | null, signal?: AbortSignal): Promise<Sam2Masks>;
  /**
   * What is to be remembered of masks [objects, maskSize, maskSize] (logits) on this frame: [objects, mem_dim, places]. `binarize` takes them
   * as given ones; `absent` is 1 for objects that are not seen.
   */
  remember(embedding: ImageEmbedding, logits: Float32Array, binarize: boolean, absent: readonly boolean[], signal?: AbortSignal): Promise<Float32Array>;
  /** Milliseconds spent inside the networks so far, for the overhead figure. */
  inferenceMs(): number;
  dispose(): Promise<void>;
}
