import { z } from 'zod';
import type { TokenFrame, TokenNetwork } from './token-network';

const count = z.int().min(1).max(1_000_000);
const channels = z.int().min(1).max(4096);

/**
 * cutie.json of a bundle of the family `cutie`: what the tracker's rules need, under upstream's names (cutie/config/video_config.yaml,
 * cutie/config/model/base.yaml). Further fields are notes for people.
 */
export const cutieSettingsSchema = z.object({
  /** Pictures whose shorter side is longer, in pixels, are made smaller; -1 keeps every size. */
  max_internal_size: z.union([z.literal(-1), z.int().min(16).max(8192)]),
  /** A frame is remembered when so many have passed since the last one. */
  mem_every: count,
  /** On how many of these frames the sensory memory is updated. */
  stagger_updates: count,
  /** Remembered tokens that a place of the picture reads from. */
  top_k: count,
  /** Objects that compete in the object transformer; -1 is all that were added on one frame. */
  chunk_size: z.union([z.literal(-1), count]),
  use_long_term: z.boolean(),
  /** Remembered frames without long-term memory, the first one included. */
  max_mem_frames: count,
  long_term: z.object({
    /** Remembered frames, the first one included, before the oldest ones become prototypes, and how many are left then. */
    max_mem_frames: count,
    min_mem_frames: count,
    /** Tokens made of frames that become long-term memory. */
    num_prototypes: count,
    /** Most tokens of long-term memory; the least used go, and so many more that there is room for a while. */
    max_num_tokens: count,
    buffer_tokens: z.int().min(0),
  }),
  pixel_dim: channels,
  key_dim: channels,
  value_dim: channels,
  sensory_dim: channels,
  embed_dim: channels,
  /** Object queries, and summaries of an object. */
  num_queries: channels,
  /** Channels of the mask decoder at stride 16, 8 and 4. */
  up_dims: z.tuple([channels, channels, channels]),
}).refine(({ long_term: { max_mem_frames, min_mem_frames, num_prototypes, max_num_tokens, buffer_tokens } }) => min_mem_frames < max_mem_frames && num_prototypes + buffer_tokens < max_num_tokens, 'long_term leaves no room');
export type CutieSettings = z.output<typeof cutieSettingsSchema>;

/** Roles of a `cutie` bundle's graphs; all are needed, and take every size of picture. */
export const CUTIE_GRAPHS = ['encoder', 'affinity', 'segment', 'sensory-update', 'mask-encoder'] as const;
export const CUTIE_SETTINGS_ROLE = 'cutie-settings';

/** A picture and what the encoder says of it. */
export interface CutieFrame extends TokenFrame {
  /** [pixel_dim, cells]. */
  readonly pixFeat: Float32Array;
  /** [up_dims[0], 4 * cells] and [up_dims[1], 16 * cells]. */
  readonly stride8: Float32Array;
  readonly stride4: Float32Array;
}

/** Objects for which masks are wanted; cells as in CutieFrame. */
export interface CutieSegmentQuery {
  readonly objects: number;
  /** [objects, cells, value_dim] what was read from memory. */
  readonly readout: Float32Array;
  /** [objects, sensory_dim, cells]. */
  readonly sensory: Float32Array;
  /** [objects, cells] masks of the frame before, 0..1. */
  readonly lastMasks: Float32Array;
  /** [objects, num_queries, embed_dim + 1] sums of features, then the sum of their weights. */
  readonly summaries: Float32Array;
}

/** What is to be remembered of objects on a frame. */
export interface CutieValues {
  /** [objects, cells, value_dim]. */
  readonly values: Float32Array;
  /** [objects, sensory_dim, cells]. */
  readonly sensory: Float32Array;
  /** [objects, num_queries, embed_dim + 1]. */
  readonly summaries: Float32Array;
}

/**
 * The networks of Cutie (Cheng et al., "Putting the Object Back into Video Object Segmentation", 2024), without any rule of memory: those
 * are in core/tracking/cutie. models/cutie implements it over onnxruntime-node.
 */
export interface CutieNetwork extends TokenNetwork<CutieFrame> {
  readonly settings: CutieSettings;
  /** Logits [objects, 16 * cells] at stride 4, and what updates the sensory memory: [objects, sensory_dim, cells]. */
  segment(frame: CutieFrame, query: CutieSegmentQuery, signal?: AbortSignal): Promise<{ readonly logits: Float32Array; readonly update: Float32Array }>;
  /** The sensory memory [objects, sensory_dim, cells] after the update. */
  updateSensory(frame: CutieFrame, objects: number, update: Float32Array, sensory: Float32Array, signal?: AbortSignal): Promise<Float32Array>;
  /** `masks` and `others` (the sum of all other objects' masks, at most 1) are [objects, height, width], 0..1. */
  encodeMasks(frame: CutieFrame, objects: number, sensory: Float32Array, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<CutieValues>;
}
