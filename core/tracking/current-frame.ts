import type { TrackFrame } from './types';

/** The frame a tracker is on. @throws RangeError before its start */
export function requireStarted(frame: TrackFrame | undefined): TrackFrame {
  if (!frame) throw new RangeError('the tracker has not been started on a frame');
  return frame;
}
