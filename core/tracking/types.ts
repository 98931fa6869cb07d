import type { ImageEmbedding, RgbImage } from '../../contracts/segmenter';
import type { Rle } from '../mask/types';

/** One processed frame as a tracker sees it. */
export interface TrackFrame {
  /** Number of the processed frame. */
  readonly position: number;
  readonly image: RgbImage;
  /** Encoder output; computed at the first call and kept with the frame. */
  embedding(): Promise<ImageEmbedding>;
}

/** A mask to follow, given on the current frame. */
export interface ObjectMask {
  /** Positive, never used for two objects. */
  readonly objectId: number;
  readonly rle: Rle;
  /** 0..1 */
  readonly score: number;
}

/** Where an object is on the current frame. */
export interface TrackedMask {
  readonly objectId: number;
  /** Empty when not present. */
  readonly rle: Rle;
  /** 0..1; 0 when not present. */
  readonly score: number;
  readonly present: boolean;
}

export type TrackerName = 'iou' | 'prompt' | 'memory';

/**
 * Follows a set of objects from frame to frame, in either direction. Frames must be neighbours: `step` moves to the next
 * or to the previous processed frame. Equal calls give equal bits.
 */
export interface TrackerSession {
  readonly name: TrackerName;
  /** Begin on this frame, without objects; forgets everything before. */
  start(frame: TrackFrame): Promise<void>;
  /** Add objects on the current frame, or replace the mask of an object that is already followed. Empty masks are refused (RangeError). */
  addObjects(objects: readonly ObjectMask[]): Promise<void>;
  /** From here on `to` is what `from` was: its memories go over, and `from` is followed no longer. Both are followed. A tracker without it is given the mask instead. */
  succeed?(from: number, to: number): void;
  /** From here on each of these is what the other was: all that is remembered changes hands. Both are followed. A tracker without it is given the masks instead. */
  exchange?(a: number, b: number): void;
  /**
   * As addObjects, for objects of which the tracker has followed the wrong thing since this position: what was tracked of them from there on is forgotten, and with which
   * objects they share their place is decided anew. A tracker without it is given the masks only.
   */
  amend?(objects: readonly ObjectMask[], since: number): Promise<void>;
  /** Stop following; unknown ids are ignored. */
  removeObjects(ids: readonly number[]): void;
  /** Move to this frame and give each object's mask there, by ascending id. */
  step(frame: TrackFrame): Promise<TrackedMask[]>;
  /** Everything needed to go on, bit for bit, after `restore` in another process. */
  snapshot(): Uint8Array;
  /** `frame` is the one that was current when the snapshot was taken. Throws RangeError when the snapshot is not this tracker's. */
  restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void>;
  dispose(): Promise<void>;
}
