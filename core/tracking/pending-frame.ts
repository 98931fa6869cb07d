import type { Rle } from '../mask/types';
import type { ChunkState } from './chunk-state';
import type { TrackFrame, TrackerSession } from './types';

export interface ScoredMask {
  readonly rle: Rle;
  /** 0..1 */
  readonly score: number;
}

/** A frame whose line can still change: the masks seen on it so far, by object id. */
export interface PendingFrame {
  readonly frame: TrackFrame;
  readonly hash: string;
  readonly masks: Map<number, ScoredMask>;
}

/** What is open of a chunk while its newest frame is looked at. */
export interface OpenInterval {
  readonly session: TrackerSession;
  readonly state: ChunkState;
  /** The newest frame is the last. */
  readonly pending: readonly PendingFrame[];
  /** Tracks that are over, and end once the pending lines are written; more may be added. */
  readonly ending: Set<number>;
}

/** The masks of one object over the pending frames; undefined where it was not seen. */
export type Tube = readonly (Rle | undefined)[];

export function tubeOf(pending: readonly PendingFrame[], id: number): Tube {
  return pending.map(({ masks }) => masks.get(id)?.rle);
}
