import { readFrames } from '../../adapters/ffmpeg/frame-reader';
import type { InferenceJob } from '../../contracts/inference';
import type { ChunkFrame } from '../../core/tracking/chunk-tracker';
import type { PositionRun } from './position-runs';

/** Frames of a job's video at evenly spaced positions, in one read. */
export async function* readRun(job: InferenceJob, { first, stride, count }: PositionRun, signal: AbortSignal): AsyncGenerator<ChunkFrame> {
  const { firstFrame, frameStep } = job.frames;
  const frameAt = (position: number): number => firstFrame + position * frameStep;
  const request = {
    path: job.videoPath,
    info: job.videoInfo,
    timelineStart: job.timelineStart,
    startFrame: frameAt(first),
    endFrame: frameAt(first + (count - 1) * stride) + 1,
    frameStep: stride * frameStep,
    signal,
  };
  let position = first;
  for await (const { width, height, rgb, hash } of readFrames(request)) {
    yield { position, image: { width, height, data: rgb }, hash };
    position += stride;
  }
}
