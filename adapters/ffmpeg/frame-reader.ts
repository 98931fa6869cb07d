import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { VamgError } from '../../contracts/errors';
import { frameTimeSeconds, type VideoInfo } from '../../contracts/video-info';
import { chooseSeekPoint, decodeCommand } from './decode-args';
import { FfmpegError } from './ffmpeg-runner';
import { DEFAULT_MAX_PIXELS } from './hardening';
import { defaultDecoderThreads } from './scene-cuts';
import { shownName } from './scrub-paths';
import { timedFrames, type TimedFrame } from './timed-frames';

export interface VideoFrame {
  /** 0-based decode index in the source. */
  readonly frameIndex: number;
  /** Ticks of info.timeBase. */
  readonly pts: number;
  /** Seconds since the first frame of the video. */
  readonly timeSeconds: number;
  readonly width: number;
  readonly height: number;
  /** width * height * 3 bytes, interleaved, row-major, upright. A buffer of its own: keep or transfer it. */
  readonly rgb: Uint8Array;
  /** First 16 hex digits of the sha256 of `rgb`; computed when first read. */
  readonly hash: string;
}

export interface ReadFramesRequest {
  readonly path: string;
  /** From scanVideo (exact), or from probeVideo when the container is trusted. */
  readonly info: VideoInfo;
  /** Frame to which info.pts[0] belongs, where `info` holds only a part of the timeline (timelinePart); default 0. */
  readonly timelineStart?: number;
  /** First frame, 0-based. */
  readonly startFrame: number;
  /** One past the last frame. */
  readonly endFrame: number;
  /** Deliver startFrame, startFrame + frameStep, …; default 1. */
  readonly frameStep?: number;
  /** Size to deliver; default info.width x info.height. */
  readonly width?: number;
  readonly height?: number;
  readonly signal?: AbortSignal;
  readonly maxPixels?: number;
  readonly threads?: number;
  /** Longest wait for the next frame, in milliseconds. */
  readonly idleMs?: number;
  /** Frames decoded ahead of the consumer; default 4. */
  readonly queueFrames?: number;
}

/** The decoder did not deliver what the timeline says after a seek; reading from the beginning will tell whether the seek is at fault. */
class SeekMismatch extends Error {}

/**
 * Frames [startFrame, endFrame) of a video, in order. Frame k has the same pixels wherever reading starts: decoding begins well
 * before the first frame wanted, frames are recognised by their timestamps, and when a seek turns out not to be exact the video is
 * decoded from its beginning instead. Decoding waits for the consumer; ending the iteration early ends ffmpeg.
 * @throws RangeError for ranges outside the video; VamgError PoisonChunk naming the first frame that cannot be decoded; the signal's reason.
 */
export async function* readFrames(request: ReadFramesRequest): AsyncGenerator<VideoFrame, void, undefined> {
  checkRange(request);
  const { info, startFrame } = request;
  const firstPts = ptsOf(request, startFrame);
  const seekDts = info.isTimelineOrdered && canSeek(info) ? chooseSeekPoint(info, firstPts) : null;
  if (seekDts === null) return yield* readFrom(request, null);
  try {
    yield* readFrom(request, seekDts);
  } catch (error) {
    if (!(error instanceof SeekMismatch)) throw error;
    yield* readFrom(request, null);
  }
}

/** A gif frame is painted over the one before it, though every packet says that it stands alone; the others tell the truth. */
function canSeek(info: VideoInfo): boolean {
  return info.codec !== 'gif' && info.codec !== 'apng';
}

async function* readFrom(request: ReadFramesRequest, seekDts: number | null): AsyncGenerator<VideoFrame, void, undefined> {
  const { info, startFrame, endFrame, frameStep = 1, width = info.width, height = info.height } = request;
  const path = await realpath(request.path);
  const selectByTime = info.isTimelineOrdered;
  const command = decodeCommand({
    path,
    info,
    width,
    height,
    seekDts,
    fromPts: selectByTime && startFrame > 0 ? ptsOf(request, startFrame) : null,
    scaling: 'bicubic',
    maxPixels: request.maxPixels ?? DEFAULT_MAX_PIXELS,
    threads: request.threads ?? defaultDecoderThreads(),
  });
  const source = timedFrames(command, {
    frameBytes: width * height * 3,
    ...(request.signal && { signal: request.signal }),
    ...(request.idleMs !== undefined && { idleMs: request.idleMs }),
    ...(request.queueFrames !== undefined && { queueFrames: request.queueFrames }),
  });
  let next = selectByTime ? startFrame : 0;
  let cause: unknown;
  try {
    for await (const frame of source) {
      request.signal?.throwIfAborted();
      if (selectByTime) {
        const wanted = ptsOf(request, next);
        if (frame.pts === null || frame.pts > wanted) break;
        if (frame.pts < wanted) continue;
      }
      if (next >= startFrame && (next - startFrame) % frameStep === 0) yield makeFrame(request, next, frame, width, height);
      next++;
      if (next >= endFrame) return;
    }
  } catch (error) {
    if (!(error instanceof FfmpegError)) throw error;
    cause = error;
  }
  if (seekDts !== null && next === startFrame) throw new SeekMismatch();
  throw missingFrame(request, next, cause);
}

/** Ticks at which a frame is shown. */
function ptsOf({ info, timelineStart = 0 }: ReadFramesRequest, frameIndex: number): number {
  return info.pts[frameIndex - timelineStart]!;
}

function makeFrame(request: ReadFramesRequest, frameIndex: number, frame: TimedFrame, width: number, height: number): VideoFrame {
  let hash: string | undefined;
  return {
    frameIndex,
    pts: ptsOf(request, frameIndex),
    timeSeconds: frameTimeSeconds(request.info, frameIndex - (request.timelineStart ?? 0)),
    width,
    height,
    rgb: frame.data,
    get hash() {
      return (hash ??= hashPixels(frame.data));
    },
  };
}

/** First 16 hex digits of the sha256 of the bytes. */
export function hashPixels(rgb: Uint8Array): string {
  return createHash('sha256').update(rgb).digest('hex').slice(0, 16);
}

function checkRange({ info, timelineStart = 0, startFrame, endFrame, frameStep = 1, width = info.width, height = info.height }: ReadFramesRequest): void {
  const isWhole = [startFrame, endFrame, frameStep, width, height].every(Number.isInteger);
  const knownEnd = timelineStart + info.pts.length;
  if (!isWhole || startFrame < timelineStart || endFrame <= startFrame || endFrame > knownEnd) {
    throw new RangeError(`frames [${startFrame}, ${endFrame}) are not a range of a video with ${timelineStart > 0 ? `frames ${timelineStart} to ${knownEnd - 1} known` : `${knownEnd} frames`}`);
  }
  if (frameStep < 1 || width < 1 || height < 1) throw new RangeError('frameStep, width and height are whole numbers from 1');
}

function missingFrame(request: ReadFramesRequest, frameIndex: number, cause: unknown): VamgError {
  const { info, timelineStart = 0, startFrame, endFrame } = request;
  const detail = cause instanceof FfmpegError ? ` (${cause.ending === 'failed' ? (cause.tail.at(-1) ?? cause.message) : `ffmpeg ${cause.message}`})` : '';
  // Where frames are counted, decoding may end before the part of the timeline that is known.
  const time = frameIndex < timelineStart ? '' : ` (at ${frameTimeSeconds(info, frameIndex - timelineStart).toFixed(3)} s)`;
  const where = `frame ${frameIndex}${time} of "${shownName(request.path)}"`;
  return new VamgError(
    'PoisonChunk',
    `Cannot decode ${where}${detail}: frames ${startFrame} to ${endFrame - 1} were asked for; re-encode the video, or leave that part out.`,
    { cause, details: { frameIndex, startFrame, endFrame } },
  );
}
