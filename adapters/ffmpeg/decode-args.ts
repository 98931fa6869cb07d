import type { VideoInfo } from '../../contracts/video-info';
import { fileUrl, inputFlags, quietFlags } from './hardening';
import type { FfmpegCommand } from './ffmpeg-runner';

/** Pure builders of the ffmpeg arguments that turn a video into raw RGB frames with their timestamps beside them. */

export interface DecodeRequest {
  /** Absolute path. */
  readonly path: string;
  readonly info: Pick<VideoInfo, 'streamIndex' | 'codedWidth' | 'codedHeight' | 'rotation' | 'timeBase'>;
  /** Size of the frames to deliver, upright. */
  readonly width: number;
  readonly height: number;
  /** Where decoding starts, in ticks of the stream; null is the beginning of the file. */
  readonly seekDts: number | null;
  /** First timestamp to deliver; null delivers every frame. */
  readonly fromPts: number | null;
  /** Way of scaling: bicubic for pictures to look at, area for thumbnails. */
  readonly scaling: 'bicubic' | 'area';
  readonly maxPixels: number;
  readonly threads: number;
}

/** Lines of this shape on stderr carry the timestamps; see parseTimestampLine. */
const TIMESTAMP_FILTERS = ["metadata=mode=add:key=vamg:value=1", "metadata=mode=print:key=vamg:file='pipe\\:2':direct=1"];

export function decodeCommand(request: DecodeRequest): FfmpegCommand {
  const seek = request.seekDts === null ? [] : ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', seekSeconds(request.seekDts, request.info.timeBase)];
  return {
    inputs: [
      {
        flags: [
          ...quietFlags(),
          ...inputFlags({ maxPixels: request.maxPixels }),
          // Bit-exact transforms: the same pixels, and so the same hash, on every kind of processor.
          '-flags', '+bitexact', '-threads', String(request.threads),
          // We turn frames ourselves, from the rotation that the probe found, so that size and picture cannot disagree.
          '-noautorotate',
          ...seek,
          '-copyts', '-an', '-sn', '-dn',
        ],
        source: fileUrl(request.path),
      },
    ],
    outputFlags: ['-map', `0:${request.info.streamIndex}`, '-vf', filterChain(request), '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24'],
    output: 'stdout',
  };
}

function filterChain(request: DecodeRequest): string {
  const { rotation } = request.info;
  const isTurned = rotation === 90 || rotation === 270;
  const [width, height] = isTurned ? [request.height, request.width] : [request.width, request.height];
  const turn = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] }[rotation];
  return [
    ...(request.fromPts === null ? [] : [`select='gte(pts,${request.fromPts})'`]),
    `scale=${width}:${height}:flags=${request.scaling}+accurate_rnd+full_chroma_int+bitexact`,
    'format=rgb24',
    ...turn,
    ...TIMESTAMP_FILTERS,
  ].join(',');
}

/** Ticks as seconds with microseconds, rounded down: seeking a little early is always safe. */
export function seekSeconds(ticks: number, timeBase: { num: number; den: number }): string {
  const micros = (BigInt(ticks) * BigInt(timeBase.num) * 1_000_000n) / BigInt(timeBase.den) - 1n;
  const sign = micros < 0n ? '-' : '';
  const absolute = micros < 0n ? -micros : micros;
  return `${sign}${absolute / 1_000_000n}.${String(absolute % 1_000_000n).padStart(6, '0')}`;
}

/**
 * What a line of stderr says about a frame: its timestamp in ticks, 'unknown' for a frame without one, or null when the line is
 * something else. The marker line that ends each record counts as handled ('marker').
 */
export function parseTimestampLine(line: string): number | 'unknown' | 'marker' | null {
  const match = /frame:\d+\s+pts:(-?\d+|NOPTS)\s+pts_time:/.exec(line);
  if (match !== null) return match[1] === 'NOPTS' ? 'unknown' : Number(match[1]);
  return line === 'vamg=1' ? 'marker' : null;
}

/**
 * Where to start decoding so that every frame from `pts` on is exact: the random access point one before the last one at or
 * before it (open groups of pictures and gradual refresh need the run-up). Null is the beginning of the file.
 */
export function chooseSeekPoint(info: Pick<VideoInfo, 'seekPoints'>, pts: number): number | null {
  let low = 0;
  let high = info.seekPoints.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (info.seekPoints[middle]!.pts <= pts) low = middle + 1;
    else high = middle;
  }
  return info.seekPoints[low - 2]?.dts ?? null;
}
