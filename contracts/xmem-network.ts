import { z } from 'zod';
import type { TokenFrame, TokenNetwork } from './token-network';

const count = z.int().min(1).max(1_000_000);
const channels = z.int().min(1).max(4096);

/**
 * xmem.json of a bundle of the family `xmem`: what the tracker's rules need, under upstream's names (eval.py; sizes as in
 * infra/export/xmem/networks.py). Further fields are notes for people.
 */
export const xmemSettingsSchema = z.object({
  /** Length of a picture's shorter side in the network's input, in pixels; -1 keeps every size. */
  size: z.union([z.literal(-1), z.int().min(16).max(8192)]),
  /** A frame is remembered when so many have passed since the last one. */
  mem_every: count,
  /** Frames between deep updates of the hidden state, which remembered frames bring; -1 is every remembered frame, on which there is no other update then. */
  deep_update_every: z.int().min(-1).max(1_000_000),
  /** Remembered tokens that a place of the picture reads from. */
  top_k: count,
  enable_long_term: z.boolean(),
  /** Remembered frames, the first one included, before the oldest ones become prototypes, and how many are left then. Without long-term memory so many are kept as the first says. */
  max_mid_term_frames: count,
  min_mid_term_frames: count,
  /** Tokens made of frames that become long-term memory. */
  num_prototypes: count,
  /** Most tokens of long-term memory; the least used go. */
  max_long_term_elements: count,
  key_dim: channels,
  value_dim: channels,
  hidden_dim: channels,
  /** Channels of the picture's features at stride 16. */
  image_dim: channels,
  /** Channels of the mask decoder at stride 16, 8 and 4. */
  up_dims: z.tuple([channels, channels, channels]),
}).refine(({ max_mid_term_frames, min_mid_term_frames, num_prototypes, max_long_term_elements }) => min_mid_term_frames < max_mid_term_frames && num_prototypes < max_long_term_elements, 'long-term memory has no room');
export type XmemSettings = z.output<typeof xmemSettingsSchema>;

/** Roles of an `xmem` bundle's graphs; all are needed, and take every size of picture. */
export const XMEM_GRAPHS = ['encoder', 'affinity', 'segment', 'value-encoder'] as const;
export const XMEM_SETTINGS_ROLE = 'xmem-settings';

/** A picture, padded with the mean colour of ImageNet, and what the encoder says of it. */
export interface XmemFrame extends TokenFrame {
  /** [image_dim, cells]. */
  readonly f16: Float32Array;
  /** [up_dims[0], 4 * cells] and [up_dims[1], 16 * cells]. */
  readonly skip8: Float32Array;
  readonly skip4: Float32Array;
}

/**
 * The networks of XMem (Cheng and Schwing, "XMem: Long-Term Video Object Segmentation with an Atkinson-Shiffrin Memory Model", 2022),
 * without any rule of memory: those are in core/tracking/xmem. models/xmem implements it over onnxruntime-node.
 */
export interface XmemNetwork extends TokenNetwork<XmemFrame> {
  readonly settings: XmemSettings;
  /**
   * Masks of objects by what was read for them [objects, cells, value_dim] and their hidden states [objects, hidden_dim, cells]: logits
   * [objects, 16 * cells] at stride 4, and the hidden states after the frame.
   */
  segment(frame: XmemFrame, objects: number, readout: Float32Array, hidden: Float32Array, signal?: AbortSignal): Promise<{ readonly logits: Float32Array; readonly hidden: Float32Array }>;
  /**
   * What is to be remembered of objects on a frame, [objects, cells, value_dim], and their hidden states after a deep update. `masks` and
   * `others` (the sum of all other objects' masks) are [objects, height, width], 0..1.
   */
  encodeValues(frame: XmemFrame, objects: number, hidden: Float32Array, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<{ readonly values: Float32Array; readonly hidden: Float32Array }>;
}
