export interface DetectionPositionsRequest {
  /** Positions [startFrame, endFrame) of the chunk. */
  readonly startFrame: number;
  readonly endFrame: number;
  readonly detectEvery: number;
  /** Positions at which a new scene starts; those outside the chunk are ignored. */
  readonly sceneCuts: readonly number[];
  /** The mask generator runs on every position (tracker `iou`). */
  readonly everyPosition?: boolean;
  /** The chunk goes on where another stopped: its first position is none for that alone. */
  readonly continuesPrevious?: boolean;
}

/**
 * Positions of a chunk on which the mask generator runs, ascending: all multiples of detectEvery (so that neighbouring chunks
 * agree in their overlap), the first position of every scene inside it, and the chunk's own, unless it continues another.
 * Throws RangeError for an empty chunk or a detectEvery that is not a positive integer.
 */
export function detectionPositions(request: DetectionPositionsRequest): number[] {
  const { startFrame, endFrame, detectEvery } = request;
  if (!Number.isInteger(startFrame) || !Number.isInteger(endFrame) || startFrame < 0 || endFrame <= startFrame)
    throw new RangeError(`a chunk needs integer positions with start < end, got [${startFrame}, ${endFrame})`);
  if (!Number.isInteger(detectEvery) || detectEvery < 1) throw new RangeError(`detectEvery must be a positive integer, got ${detectEvery}`);
  const cuts = new Set(request.sceneCuts);
  const positions: number[] = [];
  const isStart = (p: number): boolean => p === startFrame && request.continuesPrevious !== true;
  for (let p = startFrame; p < endFrame; p++)
    if (request.everyPosition === true || isStart(p) || p % detectEvery === 0 || cuts.has(p)) positions.push(p);
  return positions;
}
