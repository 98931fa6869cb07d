import type { Plan } from '../../contracts/artefacts';
import type { PlanningOptions, SegmentOptions } from '../../contracts/segment-options';
import { frameTimeSeconds, type VideoInfo } from '../../contracts/video-info';
import { planChunks } from '../planning/plan-chunks';

const MIN_OVERLAP_FRAMES = 16;
const MIN_OVERLAP_SECONDS = 0.5;

/** What of a video decides its plan. */
export type Timeline = Pick<VideoInfo, 'pts' | 'startPts' | 'timeBase' | 'nominalFrameRate' | 'durationSeconds'>;

/**
 * The plan of a job: which frames are processed (from --start to --end, every frameStep-th) and how they are cut into chunks.
 * @param sceneCuts decode indices of the first frame of each scene
 * @param hasGiven whether the user gave objects: they are followed through a whole scene, so that chains end at scene cuts only
 * @throws RangeError, in words for the user, when no frame is left or the overlap does not fit into a chunk
 */
export function planVideo(info: Timeline, sceneCuts: readonly number[], { planning: options, tracking: { detectEvery } }: Pick<SegmentOptions, 'planning' | 'tracking'>, hasGiven = false): Plan {
  const { frameStep, chunkFrames } = options;
  const firstFrame = firstFrameAtOrAfter(info, options.start);
  const endFrame = options.end === null ? info.pts.length : firstFrameAtOrAfter(info, options.end);
  const positions = Math.ceil((endFrame - firstFrame) / frameStep);
  if (positions < 1) throw new RangeError(`No frame of the video lies between --start ${options.start} and --end ${options.end ?? 'its end'}; it is ${info.durationSeconds.toFixed(2)} s long.`);
  const cuts = cutPositions(sceneCuts, firstFrame, frameStep, positions);
  const overlapFrames = chooseOverlap(info, options);
  const chainChunks = hasGiven || options.chainChunks === 0 ? Infinity : options.chainChunks;
  const chunks = planChunks({ frameCount: positions, chunkFrames, overlapFrames, sceneCuts: cuts, chainChunks, detectEvery });
  return { schemaVersion: 1, positions, firstFrame, frameStep, overlapFrames, sceneCuts: cuts, chunks };
}

/** Decode index of the first frame at or after a time, by binary search over the timeline; the number of frames when all are earlier. */
export function firstFrameAtOrAfter(info: Pick<VideoInfo, 'pts' | 'startPts' | 'timeBase'>, seconds: number): number {
  let low = 0;
  let high = info.pts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frameTimeSeconds(info, middle) < seconds - 1e-9) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cutPositions(sceneCuts: readonly number[], firstFrame: number, frameStep: number, positions: number): number[] {
  const found = sceneCuts.map((frame) => Math.ceil((frame - firstFrame) / frameStep)).filter((p) => p > 0 && p < positions);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** What the user says, else max(16 frames, half a second), but less than half a chunk. */
function chooseOverlap(info: Pick<VideoInfo, 'nominalFrameRate'>, options: PlanningOptions): number {
  const most = Math.ceil(options.chunkFrames / 2) - 1;
  if (options.overlapFrames !== null) {
    if (options.overlapFrames > most) throw new RangeError(`--overlap-frames ${options.overlapFrames} must be less than half of --chunk-frames ${options.chunkFrames}.`);
    return options.overlapFrames;
  }
  const { num, den } = info.nominalFrameRate;
  const halfSecond = Math.ceil((MIN_OVERLAP_SECONDS * num) / den / options.frameStep);
  return Math.min(most, Math.max(MIN_OVERLAP_FRAMES, halfSecond));
}
