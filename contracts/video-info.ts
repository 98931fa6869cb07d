import { z } from 'zod';

const rational = z.strictObject({ num: z.int().min(1), den: z.int().min(1) });
export type Rational = z.output<typeof rational>;

/**
 * What is known about a video before any frame of it is used. The timeline is the list of presentation timestamps: frame k is
 * the k-th frame that the decoder delivers when it starts at the beginning (`decode index`), shown at pts[k] * timeBase seconds.
 *
 * Size rule: frames are delivered upright and with square pixels. Non-square pixels are resolved by scaling the coded *width* by
 * the sample aspect ratio (rounded to the nearest pixel; the coded height stays), then the picture is rotated. Pixels within 1 % of square count as square.
 */
export const videoInfoSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** ffmpeg's demuxer name, for example "mov,mp4,m4a,3gp,3g2,mj2". */
  container: z.string(),
  codec: z.string(),
  pixelFormat: z.string(),
  sizeBytes: z.int().min(1),
  /** Index of the video stream in the container (cover pictures are passed over). */
  streamIndex: z.int().min(0),
  codedWidth: z.int().min(1),
  codedHeight: z.int().min(1),
  /** Clockwise degrees by which decoded frames are turned to stand upright. */
  rotation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
  /** Width to height of one coded pixel. */
  sampleAspectRatio: rational,
  /** Size in which frames are delivered. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Seconds per tick. */
  timeBase: rational,
  /** Presentation timestamp of every frame, in ticks, in presentation order. May start above or below 0. */
  pts: z.array(z.int()).min(1),
  /** Ticks for which the last frame is shown. */
  lastFrameDuration: z.int().min(0),
  isVariableFrameRate: z.boolean(),
  /** Frames per second, for display and for defaults only; never used to compute a time. */
  nominalFrameRate: rational,
  startPts: z.int(),
  durationSeconds: z.number().min(0),
  audioStreams: z.int().min(0),
  audioCodecs: z.array(z.string()),
  /** Random access points in ascending order; decoding may begin at `dts` and delivers all frames from `pts` on. Thinned. */
  seekPoints: z.array(z.strictObject({ pts: z.int(), dts: z.int() })),
  /** True when pts are strictly ascending and known for every frame; otherwise frames are addressed by counting from the start. */
  isTimelineOrdered: z.boolean(),
  /** True once the whole video was decoded and `pts` is what the decoder delivered; false while it is what the container promises. */
  isVerified: z.boolean(),
  /** Messages of the decoder about damaged data, counted while verifying (0 until then). */
  decodeErrors: z.int().min(0),
});
export type VideoInfo = z.output<typeof videoInfoSchema>;

/** Seconds from the first frame to frame `frameIndex`. @throws RangeError outside 0..frames-1. */
export function frameTimeSeconds(info: Pick<VideoInfo, 'pts' | 'startPts' | 'timeBase'>, frameIndex: number): number {
  const pts = info.pts[frameIndex];
  if (pts === undefined) throw new RangeError(`frame ${frameIndex} is outside 0..${info.pts.length - 1}`);
  return ((pts - info.startPts) * info.timeBase.num) / info.timeBase.den;
}

/** Ticks for which frame `frameIndex` is shown, when every `frameStep`-th frame is. @throws RangeError outside 0..frames-1. */
export function frameDurationTicks(info: Pick<VideoInfo, 'pts' | 'lastFrameDuration'>, frameIndex: number, frameStep = 1): number {
  const pts = info.pts[frameIndex];
  if (pts === undefined) throw new RangeError(`frame ${frameIndex} is outside 0..${info.pts.length - 1}`);
  const next = info.pts[frameIndex + frameStep];
  return next === undefined ? info.lastFrameDuration : Math.max(0, next - pts);
}
