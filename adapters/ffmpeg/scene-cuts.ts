import { availableParallelism } from 'node:os';
import { realpath } from 'node:fs/promises';
import { VamgError } from '../../contracts/errors';
import type { VideoInfo } from '../../contracts/video-info';
import { DEFAULT_SCENE_CUT_OPTIONS, detectSceneCuts, SceneDiffMeter, type SceneCutOptions } from '../../core/planning/scene-cuts';
import { sceneSignature, THUMBNAIL_BYTES, THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH } from '../../core/planning/scene-signature';
import { decodeCommand } from './decode-args';
import { FfmpegError } from './ffmpeg-runner';
import { DEFAULT_MAX_PIXELS } from './hardening';
import { timelineOf } from './packet-timeline';
import { shownName } from './scrub-paths';
import { timedFrames } from './timed-frames';

export interface ScanRequest {
  readonly path: string;
  /** From probeVideo. */
  readonly info: VideoInfo;
  readonly signal?: AbortSignal;
  readonly options?: SceneCutOptions;
  readonly maxPixels?: number;
  /** Decoder threads; default 4, or fewer on smaller machines. */
  readonly threads?: number;
  readonly idleMs?: number;
  /** Called for each decoded frame with the number decoded so far. */
  readonly onProgress?: (frames: number) => void;
}

export interface VideoScan {
  /** The probed info with the timeline that the decoder really delivers; isVerified is true. */
  readonly info: VideoInfo;
  /** Frames at which a new scene starts, ascending, never 0. */
  readonly sceneCuts: number[];
  /** Frames that the container promised (before decoding). */
  readonly promisedFrames: number;
}

/** Threads for one decoder: more than four only cost memory. */
export function defaultDecoderThreads(): number {
  return Math.min(4, availableParallelism());
}

/**
 * Decode the whole video once, at thumbnail size: finds scene cuts and makes the timeline exact (containers promise frames that
 * decoders never deliver: invisible ones, broken ones, the lead-in of a cut recording). Memory: 16 bytes a frame.
 * @throws VamgError PoisonVideo when nothing can be decoded or ffmpeg hangs; SetupMissing; the signal's reason.
 */
export async function scanVideo(request: ScanRequest): Promise<VideoScan> {
  const { info } = request;
  const path = await realpath(request.path);
  const command = decodeCommand({
    path,
    // The thumbnail needs no turning: cuts look the same sideways.
    info: { ...info, rotation: 0 },
    width: THUMBNAIL_WIDTH,
    height: THUMBNAIL_HEIGHT,
    seekDts: null,
    fromPts: null,
    scaling: 'area',
    maxPixels: request.maxPixels ?? DEFAULT_MAX_PIXELS,
    threads: request.threads ?? defaultDecoderThreads(),
  });
  const meter = new SceneDiffMeter();
  const stamps: (number | null)[] = [];
  let decodeErrors = 0;
  const frames = timedFrames(command, {
    frameBytes: THUMBNAIL_BYTES,
    queueFrames: 32,
    onEnd: (errors) => (decodeErrors = errors),
    ...(request.signal && { signal: request.signal }),
    ...(request.idleMs !== undefined && { idleMs: request.idleMs }),
  });
  try {
    for await (const frame of frames) {
      stamps.push(frame.pts);
      meter.push(sceneSignature(frame.data));
      request.onProgress?.(stamps.length);
    }
  } catch (error) {
    // A decoder that gives up on damaged data has still delivered what came before it.
    if (!(error instanceof FfmpegError) || error.ending !== 'failed' || stamps.length === 0) throw explain(error, request.path);
    decodeErrors++;
  }
  if (stamps.length === 0) throw new VamgError('PoisonVideo', `"${shownName(request.path)}" holds no frame that ffmpeg can decode; it is damaged or its codec (${info.codec}) is not supported.`);
  return {
    info: { ...info, ...verifiedTimeline(info, stamps), isVerified: true, decodeErrors },
    sceneCuts: detectSceneCuts(meter.finish(), request.options ?? DEFAULT_SCENE_CUT_OPTIONS),
    promisedFrames: info.pts.length,
  };
}

function verifiedTimeline(info: VideoInfo, stamps: readonly (number | null)[]): Partial<VideoInfo> {
  const isAsPromised = info.isTimelineOrdered && stamps.length === info.pts.length && stamps.every((pts, i) => pts === info.pts[i]);
  return isAsPromised ? {} : timelineOf(stamps, info.lastFrameDuration, info.timeBase, info.nominalFrameRate);
}

function explain(error: unknown, path: string): unknown {
  if (!(error instanceof FfmpegError)) return error;
  const why = error.ending === 'failed' ? (error.tail.at(-1) ?? error.message) : `ffmpeg ${error.message}`;
  return new VamgError('PoisonVideo', `"${shownName(path)}" cannot be decoded (${why}); re-encode it, or check it with a player.`, { cause: error });
}
