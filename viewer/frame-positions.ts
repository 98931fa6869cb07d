/** Frames that a result holds: frame = firstFrame + position * frameStep. */
export interface FrameRange {
  readonly firstFrame: number;
  readonly frameStep: number;
}

/** Position (0-based processed frame) of a frame of the source; that of the next processed one when it was not processed. */
export function positionOf(frame: number, { firstFrame, frameStep }: FrameRange): number {
  return Math.max(0, Math.ceil((frame - firstFrame) / frameStep));
}
