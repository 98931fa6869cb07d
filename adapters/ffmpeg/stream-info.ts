import { z } from 'zod';
import type { Rational, VideoInfo } from '../../contracts/video-info';

/**
 * Pixels this near to square count as square: 854x480 is often marked 1280:1281 to be exactly 16:9, and resampling every frame to
 * 853 pixels would gain nothing and shift every mask.
 */
const SQUARE_TOLERANCE = 0.01;

/** What ffprobe's `-show_format -show_streams` says, reduced to the fields that are used. Pure. */

const streamSchema = z.object({
  index: z.int(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  pix_fmt: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  sample_aspect_ratio: z.string().optional(),
  time_base: z.string().optional(),
  r_frame_rate: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  disposition: z.record(z.string(), z.unknown()).optional(),
  tags: z.record(z.string(), z.unknown()).optional(),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
});
const reportSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ format_name: z.string().default('unknown'), duration: z.string().optional() }).default({ format_name: 'unknown' }),
});
type ProbedStream = z.output<typeof streamSchema>;

export interface StreamReport {
  readonly container: string;
  /** Null when the file has no video stream besides cover pictures. */
  readonly video: VideoStream | null;
  readonly audioCodecs: string[];
  /** Seconds, as the container claims; null when it does not say. */
  readonly claimedDurationSeconds: number | null;
}

export type VideoStream = Pick<
  VideoInfo,
  'codec' | 'pixelFormat' | 'streamIndex' | 'codedWidth' | 'codedHeight' | 'rotation' | 'sampleAspectRatio' | 'width' | 'height' | 'timeBase'
> & {
  /** Frames per second as the container claims; null when it does not say. */
  readonly claimedFrameRate: Rational | null;
};

/** Read ffprobe's JSON. @throws SyntaxError or ZodError when it is not that. */
export function parseStreamReport(json: string): StreamReport {
  const report = reportSchema.parse(JSON.parse(json));
  const video = report.streams.find((stream) => stream.codec_type === 'video' && stream.disposition?.['attached_pic'] !== 1);
  const duration = Number(report.format.duration);
  return {
    container: report.format.format_name,
    video: video === undefined ? null : parseVideoStream(video),
    audioCodecs: report.streams.filter((stream) => stream.codec_type === 'audio').map((stream) => stream.codec_name ?? 'unknown'),
    claimedDurationSeconds: Number.isFinite(duration) && duration > 0 ? duration : null,
  };
}

function parseVideoStream(stream: ProbedStream): VideoStream {
  const codedWidth = stream.width ?? 0;
  const codedHeight = stream.height ?? 0;
  const sampleAspectRatio = parseRational(stream.sample_aspect_ratio) ?? { num: 1, den: 1 };
  const rotation = rotationOf(stream);
  return {
    codec: stream.codec_name ?? 'unknown',
    pixelFormat: stream.pix_fmt ?? 'unknown',
    streamIndex: stream.index,
    codedWidth,
    codedHeight,
    rotation,
    sampleAspectRatio,
    ...displaySize(codedWidth, codedHeight, sampleAspectRatio, rotation),
    timeBase: parseRational(stream.time_base) ?? { num: 1, den: 1_000_000 },
    claimedFrameRate: parseRational(stream.r_frame_rate) ?? parseRational(stream.avg_frame_rate),
  };
}

/** The size rule of VideoInfo: coded width times sample aspect ratio by coded height, then turned. All in pixels. */
export function displaySize(
  codedWidth: number,
  codedHeight: number,
  sampleAspectRatio: Rational,
  rotation: VideoInfo['rotation'],
): { width: number; height: number } {
  const stretch = sampleAspectRatio.num / sampleAspectRatio.den;
  const isSquare = Math.abs(stretch - 1) < SQUARE_TOLERANCE;
  const wide = isSquare || codedWidth === 0 ? codedWidth : Math.max(1, Math.round(codedWidth * stretch));
  return rotation === 90 || rotation === 270 ? { width: codedHeight, height: wide } : { width: wide, height: codedHeight };
}

/** Clockwise turn that makes the picture upright. Display matrices give it counter-clockwise; angles off the right ones count as none. */
function rotationOf(stream: ProbedStream): VideoInfo['rotation'] {
  const fromMatrix = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  const clockwise = fromMatrix !== undefined ? -fromMatrix : Number(stream.tags?.['rotate'] ?? stream.tags?.['ROTATE'] ?? 0);
  const turned = ((Math.round(clockwise) % 360) + 360) % 360;
  return turned === 90 || turned === 180 || turned === 270 ? turned : 0;
}

/** "4:3" or "30000/1001"; null for absent, zero or unreadable ones. */
export function parseRational(text: string | undefined): Rational | null {
  const match = /^(\d+)[:/](\d+)$/.exec(text ?? '');
  if (match === null) return null;
  const [num, den] = [Number(match[1]), Number(match[2])];
  return num > 0 && den > 0 ? { num, den } : null;
}
