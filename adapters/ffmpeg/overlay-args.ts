import type { Rational } from '../../contracts/video-info';
import type { FfmpegCommand } from './ffmpeg-runner';
import { fileUrl, inputFlags, quietFlags } from './hardening';
import type { Readable } from 'node:stream';

/** Pure builders of the ffmpeg arguments that write overlay films. */

/** Audio that goes into mp4 as it is and plays in every browser; anything else is encoded to AAC. */
const COPYABLE_AUDIO: readonly string[] = ['aac', 'mp3'];
/** mp4 time scales are 32-bit; a microsecond is fine enough for any film. */
const MAX_TIME_SCALE = 1_000_000;

/** The time base in which source timestamps are written to mp4 and QuickTime: the source's own where they can hold it. */
export function filmTimeBase(source: Rational): Rational {
  return source.den <= MAX_TIME_SCALE ? source : { num: 1, den: MAX_TIME_SCALE };
}

export interface OverlayPartArgs {
  readonly stream: Readable;
  readonly timeBase: Rational;
  /** Absolute path. */
  readonly output: string;
  /** x264's quality: lower is better and larger. */
  readonly crf: number;
  /** Most frames between two that can be decoded on their own; x264's choice (250) when left out. */
  readonly keyframeEvery?: number;
  readonly threads: number;
}

/**
 * RGB frames in Matroska on standard input -> H.264 in mp4. No B-frames: then presentation order is decode order, and parts join by
 * copying without a clash of timestamps. Odd sizes are padded on the right and below by one pixel.
 */
export function overlayPartCommand(args: OverlayPartArgs): FfmpegCommand {
  const { num, den } = filmTimeBase(args.timeBase);
  return {
    inputs: [{ flags: [...quietFlags(), ...inputFlags({ maxPixels: 2 ** 31 - 1 }), '-f', 'matroska'], source: args.stream }],
    outputFlags: [
      '-map', '0:v:0',
      '-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd,format=yuv420p',
      '-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(args.crf), '-bf', '0', ...(args.keyframeEvery === undefined ? [] : ['-g', String(args.keyframeEvery)]), '-threads', String(args.threads),
      '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv',
      '-fps_mode', 'passthrough', '-enc_time_base', `${num}:${den}`, '-video_track_timescale', String(den),
      '-movflags', '+faststart', '-f', 'mp4',
    ],
    output: fileUrl(args.output),
  };
}

export interface OverlayJoinArgs {
  /** Absolute path of the list made by concatList. */
  readonly list: string;
  readonly timeBase: Rational;
  /** Absolute path. */
  readonly output: string;
  readonly audio: OverlayAudioArgs | null;
}

export interface OverlayAudioArgs {
  /** Absolute path of the source video. */
  readonly path: string;
  readonly codec: string;
  /** Range to take, in seconds on the source's own clock (not counted from its start). */
  readonly startSeconds: string;
  readonly durationSeconds: string;
}

/** Parts joined by copying, with the source's sound beside them. */
export function overlayJoinCommand(args: OverlayJoinArgs): FfmpegCommand {
  const { audio } = args;
  const parts = { flags: [...quietFlags(), ...inputFlags({ extraFormats: ['concat'] }), '-f', 'concat', '-safe', '1', '-auto_convert', '0'], source: fileUrl(args.list) };
  const source = audio && {
    flags: [...inputFlags(), '-vn', '-sn', '-dn', '-seek_timestamp', '1', '-ss', audio.startSeconds, '-t', audio.durationSeconds],
    source: fileUrl(audio.path),
  };
  const codec = audio && COPYABLE_AUDIO.includes(audio.codec) ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '160k', '-ac', '2'];
  return {
    inputs: source === null ? [parts] : [parts, source],
    outputFlags: [
      '-map', '0:v:0', '-c:v', 'copy',
      ...(source === null ? ['-an', '-sn'] : ['-map', '1:a:0', ...codec]),
      '-map_metadata', '-1', '-video_track_timescale', String(filmTimeBase(args.timeBase).den), '-movflags', '+faststart', '-f', 'mp4',
    ],
    output: fileUrl(args.output),
  };
}

/** List for the concat demuxer: names relative to the list, each with its exact duration in microseconds. */
export function concatList(parts: readonly { readonly name: string; readonly durationMicros: number }[]): string {
  const lines = parts.flatMap(({ name, durationMicros }) => {
    if (!/^[A-Za-z0-9_-]+\.mp4$/.test(name)) throw new RangeError(`not a safe part name: ${name}`);
    return [`file ${name}`, `duration ${microsToSeconds(durationMicros)}`];
  });
  return ['ffconcat version 1.0', ...lines, ''].join('\n');
}

/** Whole microseconds as seconds with six decimals; negative ones keep their sign. */
export function microsToSeconds(micros: number): string {
  return (micros / 1_000_000).toFixed(6);
}
