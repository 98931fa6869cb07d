import { countBelow, within } from './ascending';

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

/** A chunk, and whether it goes on where the one before it stopped. */
export interface PlannedChunk extends ChunkSpec {
  readonly continuesPrevious: boolean;
}

export interface ChunkPlanOptions {
  /** Number of processed frames. */
  readonly frameCount: number;
  /** Frames per chunk, overlap included. */
  readonly chunkFrames: number;
  /** Frames shared by neighbours of which none continues the other; less than half a chunk. */
  readonly overlapFrames: number;
  /** Positions where a new scene starts, any order; values outside (0, frameCount) are ignored. */
  readonly sceneCuts: readonly number[];
  /** Most chunks in a row that continue each other; 1: none does. */
  readonly chainChunks: number;
  /** Detection frames are the multiples of this, the starts of chains and those of scenes. */
  readonly detectEvery: number;
}

/** Detection frames of a scene after which its first lines are final: what is found on one of these is followed back to the scene's start. */
export const SETTLING_DETECTIONS = 3;

/**
 * Cuts a video into chunks. A border at position b means that the left chunk ends at b and the right chunk's owned range
 * starts at b. A border moves to the nearest scene cut within a quarter chunk of its nominal place (the earlier of equals); there
 * neighbours have nothing in common. Elsewhere the right chunk continues the left one, sharing no frames, at a border where the tracker
 * has nothing under way; until chainChunks of them are in a row: then it starts afresh, and also computes the overlapFrames before b as its lead-in, so that the overlap window
 * [b - overlapFrames, b) is owned by the left chunk. What fits a chunk is not cut, and a tail shorter than a quarter chunk is
 * absorbed, so a chunk holds at most 1.25 * chunkFrames frames, or 2.25 where a scene is still settling. No chunk lies wholly inside another.
 * Throws RangeError for counts that are not integers, chunkFrames, chainChunks or detectEvery < 1, or overlapFrames outside [0, chunkFrames / 2).
 */
export function planChunks(options: ChunkPlanOptions): PlannedChunk[] {
  checkOptions(options);
  const { frameCount, chunkFrames, overlapFrames, chainChunks } = options;
  const slack = Math.floor(chunkFrames / 4);
  const lastBorder = frameCount - Math.max(1, slack);
  const sceneCuts = [...options.sceneCuts].sort((a, b) => a - b);
  const cuts = within(sceneCuts, 1, lastBorder + 1);
  const chunks: PlannedChunk[] = [];
  let startFrame = 0;
  let ownedStart = 0;
  let chainStart = 0;
  let inChain = 0;
  while (ownedStart < frameCount) {
    if (inChain === 0) chainStart = startFrame;
    const nominal = startFrame + chunkFrames;
    const isLast = nominal >= frameCount;
    const cut = isLast ? undefined : nearestCut(cuts, nominal, slack);
    const mayGoOn = !isLast && cut === undefined && inChain + 1 < chainChunks;
    const plain = mayGoOn ? settledBorder(nominal, startFrame, chainStart, { ...options, sceneCuts }) : nominal;
    const border = cut ?? (plain <= lastBorder ? plain : frameCount);
    const isContinued = mayGoOn && border < frameCount;
    chunks.push({ index: chunks.length, startFrame, endFrame: border, ownedStart, ownedEnd: border, continuesPrevious: inChain > 0 });
    ownedStart = border;
    startFrame = cut === undefined && !isContinued ? border - overlapFrames : border;
    inChain = isContinued ? inChain + 1 : 0;
  }
  return chunks;
}

/**
 * A border near `nominal` at which the tracker has nothing under way: right after a detection frame, not before the scene's third.
 * `nominal` itself where detection frames are too rare for that.
 */
function settledBorder(nominal: number, startFrame: number, chainStart: number, { chunkFrames, detectEvery, sceneCuts }: ChunkPlanOptions): number {
  let border = Math.floor((nominal - 1) / detectEvery) * detectEvery + 1;
  if (border - startFrame < chunkFrames / 2) border += detectEvery;
  for (;;) {
    if (border > startFrame + 2 * chunkFrames) return nominal;
    const sceneStart = Math.max(chainStart, sceneCuts[countBelow(sceneCuts, border) - 1] ?? 0);
    const third = (Math.floor(sceneStart / detectEvery) + SETTLING_DETECTIONS - 1) * detectEvery;
    if (third < border) return border;
    border = third + 1;
  }
}

/** The cut (of an ascending list) nearest to `position` within `reach`, the earlier of equals. */
function nearestCut(cuts: readonly number[], position: number, reach: number): number | undefined {
  let best: number | undefined;
  for (const cut of within(cuts, position - reach, position + reach + 1)) if (best === undefined || Math.abs(cut - position) < Math.abs(best - position)) best = cut;
  return best;
}

function checkOptions({ frameCount, chunkFrames, overlapFrames, sceneCuts, ...counts }: ChunkPlanOptions): void {
  if (!Number.isInteger(frameCount) || frameCount < 0)
    throw new RangeError(`frameCount must be a non-negative integer, got ${frameCount}`);
  if (!Number.isInteger(chunkFrames) || chunkFrames < 1)
    throw new RangeError(`chunkFrames must be a positive integer, got ${chunkFrames}`);
  if (!Number.isInteger(overlapFrames) || overlapFrames < 0 || overlapFrames * 2 >= chunkFrames)
    throw new RangeError(
      `overlapFrames must be an integer from 0 to less than half of chunkFrames (${chunkFrames}), got ${overlapFrames}`,
    );
  for (const [name, value] of Object.entries(counts)) if (!(value === Infinity && name === 'chainChunks') && (!Number.isInteger(value) || value < 1)) throw new RangeError(`${name} must be a positive integer, got ${value}`);
  const bad = sceneCuts.find((cut) => !Number.isInteger(cut));
  if (bad !== undefined) throw new RangeError(`scene cuts must be integers, got ${bad}`);
}
