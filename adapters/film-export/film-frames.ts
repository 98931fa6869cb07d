import { VamgError } from '../../contracts/errors';
import { frameDurationTicks } from '../../contracts/video-info';
import type { ExportFrame, ExportMask } from '../export/types';
import { readFrames } from '../ffmpeg/frame-reader';
import type { FilmSource } from './types';

/** A processed frame with the masks of the chosen objects alone. */
export interface FilmFrame extends ExportFrame {
  /** Ticks of the video's time base. */
  readonly pts: number;
  /** Ticks for which it is shown. */
  readonly duration: number;
}

/** The same, with its picture. */
export interface PicturedFrame extends FilmFrame {
  /** width * height * 3 bytes, row-major. */
  readonly rgb: Uint8Array;
}

/** The processed frames at positions [from, to), in order. @throws VamgError CorruptArtifact for a frame that the video does not have */
export async function* filmFrames(source: FilmSource, from = 0, to = source.frames): AsyncGenerator<FilmFrame, void, undefined> {
  const { info, frameStep, signal } = source;
  const ids = new Set(source.chosen.map(({ id }) => id));
  for await (const { position, frame, time, masks } of source.read()) {
    if (position < from) continue;
    if (position >= to) return;
    signal.throwIfAborted();
    const pts = info.pts[frame];
    if (pts === undefined) throw new VamgError('CorruptArtifact', `masks.jsonl is damaged: it has a frame ${frame}, the video has ${info.pts.length}; run \`vamg segment\` again, which takes it from the store.`);
    yield { position, frame, time, masks: masks.filter(({ id }) => ids.has(id)), pts, duration: frameDurationTicks(info, frame, frameStep) };
  }
}

/** The processed frames at positions [from, to) with their pictures. */
export async function* picturedFrames(source: FilmSource, from = 0, to = source.frames): AsyncGenerator<PicturedFrame, void, undefined> {
  const { videoPath, info, firstFrame, frameStep, signal } = source;
  const frames = filmFrames(source, from, to);
  const startFrame = firstFrame + from * frameStep;
  for await (const { frameIndex, rgb } of readFrames({ path: videoPath, info, startFrame, endFrame: firstFrame + (to - 1) * frameStep + 1, frameStep, signal })) {
    const { value: frame } = await frames.next();
    if (frame?.frame !== frameIndex) throw new VamgError('CorruptArtifact', `masks.jsonl is damaged: frame ${frameIndex} is missing; run \`vamg segment\` again, which takes it from the store.`);
    yield { ...frame, rgb };
  }
}

/** The mask of an object on a frame. */
export function maskOf({ masks }: ExportFrame, id: number): ExportMask | undefined {
  return masks.find((mask) => mask.id === id);
}
