import type { Rle } from '../mask/types';
import type { TrackFrame } from './types';

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

/** The masks of one object over the pending frames; undefined where it was not seen. */
export type Tube = readonly (Rle | undefined)[];

export function tubeOf(pending: readonly PendingFrame[], id: number): Tube {
  return pending.map(({ masks }) => masks.get(id)?.rle);
}
