import { z } from 'zod';
import type { ImageEmbedding } from './segmenter';

/** memory.json of a bundle: sizes of what its memory graphs exchange. Further fields are notes for people. */
export const memorySizesSchema = z.object({
  keyChannels: z.int().min(1).max(4096),
  contextChannels: z.int().min(1).max(4096),
  detailChannels: z.int().min(1).max(4096),
  valueChannels: z.int().min(1).max(4096),
});
export type MemorySizes = z.output<typeof memorySizesSchema>;

/** Roles of a memory network's graphs; they take pictures of any size. */
export const MEMORY_GRAPHS = ['memory-key', 'memory-value', 'memory-read'] as const;
/** Bundle roles of a memory network; a bundle has all of them or none. */
export const MEMORY_ROLES = [...MEMORY_GRAPHS, 'memory-sizes'] as const;

/**
 * What a memory network remembers of one frame: by `key` places of different frames are recognised, `context` is what values and
 * masks are made with. Its grid is the picture cut into cells of 8 x 8 input pixels (columns and rows are even); padding is cut off.
 */
export interface FrameKey {
  readonly columns: number;
  readonly rows: number;
  /** [keyChannels, rows, columns], half-precision floats as bits, as they are remembered. */
  readonly key: Uint16Array;
  /** [contextChannels, rows, columns], likewise. */
  readonly context: Uint16Array;
}

/** A frame on which masks are to be found: `detail` is what their borders are drawn with, and is not remembered. */
export interface QueryFrame extends FrameKey {
  /** [detailChannels, 2 * rows, 2 * columns], at stride 4, likewise. */
  readonly detail: Uint16Array;
}

/** Memory and query of one frame for `objects` objects over `frames` remembered frames; cells = rows * columns. */
export interface MemoryQuery {
  readonly query: QueryFrame;
  readonly frames: number;
  readonly objects: number;
  /** [frames, keyChannels, cells], half-precision floats as bits. */
  readonly memoryKeys: Uint16Array;
  /** [frames, objects, valueChannels, cells], likewise; zeros where `valid` is 0. */
  readonly memoryValues: Uint16Array;
  /** [objects, frames]: 1 where the frame knows the object, else 0. At least one 1 per object. */
  readonly valid: Float32Array;
  /** [objects, frames]: 1 where, besides, the object's mask on the frame was given, not tracked. May be all 0. */
  readonly given: Float32Array;
  /** [objects, rows, columns], 0..1: where each object was on the frame before; zeros while it was absent. */
  readonly previousMasks: Float32Array;
}

export interface MemoryAnswer {
  /** [objects, 2 * rows, 2 * columns] mask logits at stride 4, each object for itself. */
  readonly logits: Float32Array;
  /** [objects] logit: 0 or more where the object is visible on this frame. */
  readonly presence: Float32Array;
  /**
   * [objects, 2, rows, columns] how well each cell matches, by looks alone, the object on the remembered frames but the newest three, and all else
   * on those: logarithms, larger is better. Absent where a network does not tell; means nothing for an object that none of these frames knows.
   */
  readonly likeness?: Float32Array;
}

/**
 * A video object segmentation network with memory, as its three parts (Oh et al., "Video Object Segmentation using Space-Time
 * Memory Networks", 2019). models/memory implements it over onnxruntime-node for bundles with the MEMORY_ROLES; other families
 * (SAM 2, Cutie, XMem, DeAOT) fit in by what they put into keys, contexts and values, which nobody else looks into.
 */
export interface MemoryNetwork {
  readonly sizes: MemorySizes;
  /** Key, context and detail of a frame. Rejects with VamgError BadConfig when the embedding lacks what the network needs. */
  key(embedding: ImageEmbedding, signal?: AbortSignal): Promise<QueryFrame>;
  /**
   * What is to be remembered of `objects` objects on a frame. `masks` and `others` are [objects, rows, columns], 0..1: each object
   * itself, and all that competes with it. Gives [objects, valueChannels, cells], half-precision floats as bits.
   */
  value(frame: FrameKey, objects: number, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<Uint16Array>;
  /** Masks of all objects on the query frame. */
  read(query: MemoryQuery, signal?: AbortSignal): Promise<MemoryAnswer>;
  /** Milliseconds spent inside the networks so far, for the overhead figure. */
  inferenceMs(): number;
  dispose(): Promise<void>;
}
