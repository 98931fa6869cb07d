import { z } from 'zod';
import type { RgbImage } from './segmenter';

/**
 * deaot.json of a bundle of the family `deaot`: what the tracker's rules need, under upstream's names (networks/engines/aot_engine.py,
 * configs/models). Further fields are notes for people.
 */
export const deaotSettingsSchema = z.object({
  /** Identities in the bank; more objects make more groups. */
  max_obj_num: z.int().min(1).max(250),
  align_corners: z.boolean(),
  /** Frames from one entry of the long-term memory to the next. */
  long_term_mem_gap: z.int().min(1),
  /** Which of the last frames is the short-term memory: 1 the last one. */
  short_term_mem_skip: z.int().min(1).max(100),
  /** Most frames in the long-term memory. Frames on which an object was given stay, even when they are more. */
  max_len_long_term: z.int().min(1).max(1000),
  /** Channels, of all layers together, of what is remembered of a frame whatever its masks are, and of what its masks add. */
  kept_channels: z.int().min(1).max(65536),
  identified_channels: z.int().min(1).max(65536),
  /** Channels of what `identify` needs besides masks; 0 for a network of one layer. */
  pending_channels: z.int().min(0).max(65536),
});
export type DeaotSettings = z.output<typeof deaotSettingsSchema>;

/** Roles of the graphs of a `deaot` bundle; they take pictures of any size. */
export const DEAOT_GRAPHS = ['encoder', 'propagate', 'reference', 'identify'] as const;
export const DEAOT_SETTINGS_ROLE = 'deaot-settings';

/** A frame as the encoder sees it. */
export interface DeaotFrame {
  /** Size of the network's input, in its pixels. */
  readonly width: number;
  readonly height: number;
  /** Cells of 16 x 16 input pixels: tokens of the memory, row by row. */
  readonly columns: number;
  readonly rows: number;
  /** Features for the graph `propagate`, by its input names; nobody else looks into them. */
  readonly maps: Readonly<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>>;
}

/** Remembered frames one after another: [frames * cells, kept_channels] and [frames * cells, identified_channels]. */
export interface DeaotMemory {
  readonly kept: Float32Array;
  readonly identified: Float32Array;
}

/** What may be remembered of a frame once its masks are known. */
export interface DeaotTokens {
  /** [cells, kept_channels] */
  readonly kept: Float32Array;
  /** [cells, pending_channels] */
  readonly pending: Float32Array;
}

export interface DeaotAnswer extends DeaotTokens {
  /** [1 + max_obj_num, gridHeight, gridWidth] logits at stride 4; channel 0 is background. */
  readonly logits: Float32Array;
  readonly gridWidth: number;
  readonly gridHeight: number;
}

/**
 * The networks of DeAOT (Yang and Yang, "Decoupling Features in Hierarchical Propagation for Video Object Segmentation", 2022) and AOT (Yang, Wei and
 * Yang, "Associating Objects with Transformers for Video Object Segmentation", 2021), without any rule of memory: those are in
 * core/tracking/deaot. models/deaot implements it over onnxruntime-node. Labels are [height, width] of the frame's input size: 0 or the number
 * of an identity.
 */
export interface DeaotNetwork {
  readonly settings: DeaotSettings;
  encode(image: RgbImage, signal?: AbortSignal): Promise<DeaotFrame>;
  /** Where all identities of a group are, in the light of its memories. */
  propagate(frame: DeaotFrame, long: DeaotMemory, short: DeaotMemory, signal?: AbortSignal): Promise<DeaotAnswer>;
  /** What is to be remembered of a frame whose masks are given. */
  refer(frame: DeaotFrame, labels: Uint8Array, signal?: AbortSignal): Promise<DeaotMemory & DeaotTokens>;
  /** What the masks add to what is kept of a tracked frame: [cells, identified_channels]. */
  identify(pending: Float32Array, labels: Uint8Array, size: Pick<DeaotFrame, 'width' | 'height'>, signal?: AbortSignal): Promise<Float32Array>;
  /** Milliseconds spent inside the networks so far, for the overhead figure. */
  inferenceMs(): number;
  dispose(): Promise<void>;
}
