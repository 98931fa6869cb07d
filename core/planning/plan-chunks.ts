/** One chunk of the video; all values are positions in the list of processed frames (0..frameCount-1), ends exclusive. */
export interface ChunkSpec {
  readonly index: number;
  /** First position computed, the lead-in shared with the previous chunk included. */
  readonly startFrame: number;
  /** End of what is computed, the part shared with the next chunk included. */
  readonly endFrame: number;
  /** Positions this chunk gives to the final output; the owned ranges of all chunks partition the video. */
  readonly ownedStart: number;
  readonly ownedEnd: number;
}

export interface ChunkPlanOptions {
  /** Number of processed frames. */
  readonly frameCount: number;
  /** Frames per chunk, overlap included. */
  readonly chunkFrames: number;
  /** Frames shared by neighbours; less than half a chunk. */
  readonly overlapFrames: number;
  /** Positions where a new scene starts, any order; values outside (0, frameCount) are ignored. */
  readonly sceneCuts: readonly number[];
}

/**
 * Cuts a video into chunks. A border at position b means that the left chunk ends at b and the right chunk's owned range
 * starts at b; the right chunk also computes the overlapFrames before b as its lead-in, so the overlap window
 * [b - overlapFrames, b) is owned by the left chunk. A border moves to the nearest scene cut within a quarter chunk of
 * its nominal place (the earlier of equals); there neighbours share nothing. A tail shorter than a quarter chunk is
 * absorbed, so a chunk holds at most 1.25 * chunkFrames frames. No chunk lies wholly inside another.
 * Throws RangeError for counts that are not integers, chunkFrames < 1, or overlapFrames outside [0, chunkFrames / 2).
 */
export function planChunks(options: ChunkPlanOptions): ChunkSpec[] {
  checkOptions(options);
  const { frameCount, chunkFrames, overlapFrames } = options;
  const slack = Math.floor(chunkFrames / 4);
  const lastBorder = frameCount - Math.max(1, slack);
  const cuts = options.sceneCuts.filter((cut) => cut > 0 && cut <= lastBorder).sort((a, b) => a - b);
  const chunks: ChunkSpec[] = [];
  let startFrame = 0;
  let ownedStart = 0;
  while (ownedStart < frameCount) {
    const nominal = startFrame + chunkFrames;
    const cut = nominal < frameCount ? nearestCut(cuts, nominal, slack) : undefined;
    const border = cut ?? (nominal <= lastBorder ? nominal : frameCount);
    chunks.push({ index: chunks.length, startFrame, endFrame: border, ownedStart, ownedEnd: border });
    ownedStart = border;
    startFrame = cut === undefined ? border - overlapFrames : border;
  }
  return chunks;
}

/** The cut nearest to `position` within `reach`, the earlier of equals. */
function nearestCut(cuts: readonly number[], position: number, reach: number): number | undefined {
  let best: number | undefined;
  for (const cut of cuts) {
    const distance = Math.abs(cut - position);
    if (distance <= reach && (best === undefined || distance < Math.abs(best - position))) best = cut;
  }
  return best;
}

function checkOptions({ frameCount, chunkFrames, overlapFrames, sceneCuts }: ChunkPlanOptions): void {
  if (!Number.isInteger(frameCount) || frameCount < 0)
    throw new RangeError(`frameCount must be a non-negative integer, got ${frameCount}`);
  if (!Number.isInteger(chunkFrames) || chunkFrames < 1)
    throw new RangeError(`chunkFrames must be a positive integer, got ${chunkFrames}`);
  if (!Number.isInteger(overlapFrames) || overlapFrames < 0 || overlapFrames * 2 >= chunkFrames)
    throw new RangeError(
      `overlapFrames must be an integer from 0 to less than half of chunkFrames (${chunkFrames}), got ${overlapFrames}`,
    );
  const bad = sceneCuts.find((cut) => !Number.isInteger(cut));
  if (bad !== undefined) throw new RangeError(`scene cuts must be integers, got ${bad}`);
}
