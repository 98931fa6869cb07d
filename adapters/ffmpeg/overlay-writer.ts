import { openFilm, type FilmEncoding, type FilmOptions, type FilmWriter } from './film-writer';
import { overlayPartCommand } from './overlay-args';
import { defaultDecoderThreads } from './scene-cuts';

export interface OverlayPartOptions extends FilmOptions {
  /** x264 quality, 0 (lossless) to 51; default 20. */
  readonly crf?: number;
  /** Most frames between two that can be decoded on their own: the fewer, the faster a player seeks, and the larger the film. */
  readonly keyframeEvery?: number;
  readonly threads?: number;
}

/** How errors of overlay films read. */
export const OVERLAY_FILM: Pick<FilmEncoding, 'name' | 'withoutEncoder'> = {
  name: 'overlay film',
  withoutEncoder: 'This ffmpeg has no H.264 encoder (libx264): install a full build, or use --no-overlay.',
};

/** Start writing an overlay film, or a part of one, from RGB frames: H.264 yuv420p in mp4. @throws VamgError SetupMissing without ffmpeg. */
export function openOverlayPart({ crf = 20, keyframeEvery, threads = defaultDecoderThreads(), ...film }: OverlayPartOptions): Promise<FilmWriter> {
  const command: FilmEncoding['command'] = (stream, output) => overlayPartCommand({ stream, timeBase: film.timeBase, output, crf, threads, ...(keyframeEvery !== undefined && { keyframeEvery }) });
  return openFilm(film, { ...OVERLAY_FILM, pixels: 'rgb', command });
}
