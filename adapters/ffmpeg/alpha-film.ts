import type { Readable } from 'node:stream';
import type { Rational } from '../../contracts/video-info';
import type { FfmpegCommand } from './ffmpeg-runner';
import { openFilm, type FilmEncoding, type FilmOptions, type FilmWriter } from './film-writer';
import { fileUrl, inputFlags, quietFlags } from './hardening';
import { filmTimeBase } from './overlay-args';
import { defaultDecoderThreads } from './scene-cuts';

/**
 * Films with an alpha channel, straight (not premultiplied): VP9 in WebM for browsers and players, ProRes 4444 in QuickTime for editing programs.
 * WebM counts in milliseconds; QuickTime in the time base of the source.
 */
export const ALPHA_CODECS = ['vp9', 'prores'] as const;
export type AlphaCodec = (typeof ALPHA_CODECS)[number];

/** Ending of a film's name. */
export const ALPHA_EXTENSION: Readonly<Record<AlphaCodec, string>> = { vp9: '.webm', prores: '.mov' };

export interface AlphaFilmArgs {
  readonly codec: AlphaCodec;
  readonly stream: Readable;
  readonly timeBase: Rational;
  /** Absolute path. */
  readonly output: string;
  readonly threads: number;
}

/** RGBA frames in Matroska on standard input -> a film with alpha. Pure. */
export function alphaFilmCommand({ codec, stream, timeBase, output, threads }: AlphaFilmArgs): FfmpegCommand {
  const { num, den } = filmTimeBase(timeBase);
  const colours = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  return {
    inputs: [{ flags: [...quietFlags(), ...inputFlags({ maxPixels: 2 ** 31 - 1 }), '-f', 'matroska'], source: stream }],
    outputFlags: ['-map', '0:v:0', ...encoderFlags(codec), ...colours, '-threads', String(threads), '-fps_mode', 'passthrough', '-enc_time_base', `${num}:${den}`, ...containerFlags(codec, den)],
    output: fileUrl(output),
  };
}

function encoderFlags(codec: AlphaCodec): string[] {
  const toYuv = (format: string): string[] => ['-vf', `scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int,format=${format},setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709`];
  // Frames that are never shown (alternate references) cannot be had for the alpha part.
  if (codec === 'vp9') return [...toYuv('yuva420p'), '-c:v', 'libvpx-vp9', '-crf', '24', '-b:v', '0', '-deadline', 'good', '-cpu-used', '5', '-row-mt', '1', '-auto-alt-ref', '0', '-lag-in-frames', '0', '-g', '120'];
  return [...toYuv('yuva444p10le'), '-c:v', 'prores_ks', '-profile:v', '4444', '-alpha_bits', '16', '-vendor', 'apl0'];
}

function containerFlags(codec: AlphaCodec, timeScale: number): string[] {
  return codec === 'vp9' ? ['-metadata:s:v:0', 'alpha_mode=1', '-f', 'webm'] : ['-video_track_timescale', String(timeScale), '-movflags', '+faststart', '-f', 'mov'];
}

/** Start writing a film from RGBA frames. @throws VamgError SetupMissing without ffmpeg. */
export function openAlphaFilm(film: FilmOptions, codec: AlphaCodec): Promise<FilmWriter> {
  const command: FilmEncoding['command'] = (stream, output) => alphaFilmCommand({ codec, stream, timeBase: film.timeBase, output, threads: defaultDecoderThreads() });
  const encoder = codec === 'vp9' ? 'VP9 encoder (libvpx-vp9)' : 'ProRes encoder (prores_ks)';
  return openFilm(film, { pixels: 'rgba', name: 'transparent film', withoutEncoder: `This ffmpeg has no ${encoder}: install a full build, or choose another format.`, command });
}
