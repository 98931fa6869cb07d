import { mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { frameDurationTicks, type VideoInfo } from '../../contracts/video-info';
import { filmError } from './film-writer';
import { FfmpegError, runFfmpeg } from './ffmpeg-runner';
import { concatList, microsToSeconds, overlayJoinCommand, type OverlayAudioArgs } from './overlay-args';
import { OVERLAY_FILM } from './overlay-writer';
import { watchWrites } from './watch-writes';

export interface OverlayPart {
  /** mp4 written by openOverlayPart, all of one size and time base. */
  readonly path: string;
  /** Source frame with which it begins. Parts are given in order and leave no gap. */
  readonly startFrame: number;
}

export interface JoinOverlayRequest {
  readonly parts: readonly OverlayPart[];
  /** One past the last source frame of the last part. */
  readonly endFrame: number;
  readonly info: VideoInfo;
  /** The source video, for its sound; null for a silent film. */
  readonly audioSource: string | null;
  /** Where the film is to be; written beside it first, then renamed. */
  readonly out: string;
  readonly signal?: AbortSignal;
  /** Called, at most once a second, while the film is being written. */
  readonly onProgress?: () => void;
}

/**
 * Join parts into one film by copying, with the source's first sound track cut to the same range (copied when mp4 takes it, else AAC).
 * Every frame keeps its source time, counted from the first frame, within a millisecond. Sound that cannot be used is left out.
 * @returns whether the film has sound. @throws VamgError as FilmWriter.finish; the signal's reason.
 */
export async function joinOverlayParts(request: JoinOverlayRequest): Promise<{ hasAudio: boolean }> {
  const out = resolve(request.out);
  // Links with names of our own: user paths never stand in the list.
  const work = await mkdtemp(join(dirname(out), '.overlay-join-'));
  try {
    const list = await writeList(request, work);
    const output = join(work, 'joined.mp4');
    const audio = await audioArgs(request);
    const hasAudio = audio !== null && (await tryJoin(request, list, output, audio));
    if (!hasAudio) await joinOnce(request, list, output, null);
    await rename(output, out);
    return { hasAudio };
  } catch (error) {
    throw filmError(error, OVERLAY_FILM);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function tryJoin(request: JoinOverlayRequest, list: string, output: string, audio: OverlayAudioArgs): Promise<boolean> {
  try {
    await joinOnce(request, list, output, audio);
    return true;
  } catch (error) {
    if (error instanceof FfmpegError && error.ending === 'failed') return false;
    throw error;
  }
}

async function joinOnce(request: JoinOverlayRequest, list: string, output: string, audio: OverlayAudioArgs | null): Promise<void> {
  const stopWatching = request.onProgress ? watchWrites(output, request.onProgress) : () => undefined;
  try {
    await runFfmpeg(overlayJoinCommand({ list, timeBase: request.info.timeBase, output, audio }), request.signal && { signal: request.signal });
  } finally {
    stopWatching();
  }
}

async function writeList({ parts, info, endFrame }: JoinOverlayRequest, work: string): Promise<string> {
  const first = parts[0];
  if (first === undefined) throw new RangeError('a film needs at least one part');
  const origin = info.pts[first.startFrame]!;
  const entries = await Promise.all(
    parts.map(async (part, i) => {
      const name = `part-${String(i).padStart(6, '0')}.mp4`;
      await symlink(await realpath(part.path), join(work, name));
      const endTicks = parts[i + 1] === undefined ? endOf(info, endFrame) : info.pts[parts[i + 1]!.startFrame]!;
      // Differences of rounded times, not rounded differences: errors do not add up over many parts.
      const durationMicros = toMicros(endTicks - origin, info) - toMicros(info.pts[part.startFrame]! - origin, info);
      return { name, durationMicros };
    }),
  );
  const list = join(work, 'parts.ffconcat');
  await writeFile(list, concatList(entries));
  return list;
}

async function audioArgs({ audioSource, info, parts, endFrame }: JoinOverlayRequest): Promise<OverlayAudioArgs | null> {
  if (audioSource === null || info.audioStreams === 0) return null;
  const start = toMicros(info.pts[parts[0]!.startFrame]!, info);
  const end = toMicros(endOf(info, endFrame), info);
  return {
    path: await realpath(audioSource),
    codec: info.audioCodecs[0] ?? 'unknown',
    startSeconds: microsToSeconds(start),
    durationSeconds: microsToSeconds(end - start),
  };
}

/** Ticks at which the last frame before `endFrame` is no longer shown. */
function endOf(info: VideoInfo, endFrame: number): number {
  return info.pts[endFrame - 1]! + frameDurationTicks(info, endFrame - 1);
}

function toMicros(ticks: number, { timeBase }: VideoInfo): number {
  return Math.round((ticks * timeBase.num * 1_000_000) / timeBase.den);
}
