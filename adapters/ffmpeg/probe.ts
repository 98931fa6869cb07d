import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { VamgError } from '../../contracts/errors';
import type { VideoInfo } from '../../contracts/video-info';
import { FfmpegError, runFfprobe } from './ffmpeg-runner';
import { DEFAULT_MAX_PIXELS, fileUrl, inputFlags } from './hardening';
import { PacketList, parsePacketLine } from './packet-timeline';
import { shownName } from './scrub-paths';
import { parseStreamReport, type StreamReport, type VideoStream } from './stream-info';

export interface VideoLimits {
  /** Coded width times height. */
  readonly maxPixels: number;
  readonly maxDurationSeconds: number;
  readonly maxFrames: number;
}

export const DEFAULT_VIDEO_LIMITS: VideoLimits = { maxPixels: DEFAULT_MAX_PIXELS, maxDurationSeconds: 120 * 3600, maxFrames: 12_000_000 };

const HEADER_LIMIT_CHARS = 4 << 20;
const HEADER_WALL_MS = 120_000;

/**
 * Read what the container says about a video: size, rotation, timestamps of all frames. Reads the whole file once but decodes
 * nothing; `scanVideo` turns the result into what the decoder delivers.
 * @param path absolute or relative; symbolic links are followed.
 * @throws VamgError PoisonVideo, one sentence, for anything that is not a video within the limits; SetupMissing without ffmpeg.
 */
export async function probeVideo(path: string, limits: VideoLimits = DEFAULT_VIDEO_LIMITS, signal?: AbortSignal): Promise<VideoInfo> {
  const name = shownName(path);
  const file = await checkFile(path, name);
  try {
    const report = await readHeader(file.path, limits, signal);
    const video = checkHeader(report, limits, name);
    const packets = await readPackets(file.path, video.streamIndex, limits, name, signal);
    const { claimedFrameRate, ...stream } = video;
    const timeline = packets.finish(video.timeBase, claimedFrameRate);
    checkDuration(timeline.durationSeconds, limits, name);
    return {
      schemaVersion: 1,
      container: report.container,
      sizeBytes: file.sizeBytes,
      ...stream,
      ...timeline,
      audioStreams: report.audioCodecs.length,
      audioCodecs: report.audioCodecs,
      isVerified: false,
      decodeErrors: 0,
    };
  } catch (error) {
    if (error instanceof FfmpegError) throw poison(name, explain(error, limits, await looksLikeMp4(file.path)), error);
    throw error;
  }
}

async function checkFile(path: string, name: string): Promise<{ path: string; sizeBytes: number }> {
  try {
    const real = await realpath(path);
    const status = await stat(real);
    if (status.isDirectory()) throw poison(name, 'is a folder; give one video file');
    if (!status.isFile()) throw poison(name, 'is not a regular file; copy it to a file first');
    if (status.size === 0) throw poison(name, 'is empty (0 bytes); copy or record it again');
    await access(real, constants.R_OK);
    return { path: real, sizeBytes: status.size };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw poison(name, 'does not exist; check the path', error);
    if (code === 'EACCES' || code === 'EPERM') throw poison(name, 'may not be read by this user; change its permissions', error);
    if (code === 'ELOOP') throw poison(name, 'is a symbolic link that leads to itself', error);
    throw error;
  }
}

async function readHeader(path: string, limits: VideoLimits, signal?: AbortSignal): Promise<StreamReport> {
  let json = '';
  const args = [...probeFlags(limits), '-show_format', '-show_streams', '-of', 'json', fileUrl(path)];
  const collect = (line: string): void => {
    json += line;
    if (json.length > HEADER_LIMIT_CHARS) throw new FfmpegError('failed', [], 'its header is larger than 4 MB');
  };
  const messages = await runFfprobe(args, collect, { ...(signal && { signal }), wallMs: HEADER_WALL_MS });
  const report = parseStreamReport(json);
  // Pictures over the pixel limit make some decoders report no size at all; ffprobe's messages tell it.
  if (report.video !== null && report.video.codedWidth < 1) throw new FfmpegError('failed', messages, 'it reports no picture size');
  return report;
}

function checkHeader(report: StreamReport, limits: VideoLimits, name: string): VideoStream {
  const { video } = report;
  if (video === null) {
    throw poison(name, report.audioCodecs.length > 0 ? 'holds only sound, no pictures; give a file with a video stream' : 'holds no video stream');
  }
  const { codedWidth, codedHeight, width, height } = video;
  if (Math.max(codedWidth * codedHeight, width * height) > limits.maxPixels) {
    throw poison(name, overPixelLimit(`${width}x${height}`, limits));
  }
  if (report.claimedDurationSeconds !== null) checkDuration(report.claimedDurationSeconds, limits, name);
  return video;
}

function checkDuration(seconds: number, limits: VideoLimits, name: string): void {
  if (seconds <= limits.maxDurationSeconds) return;
  throw poison(name, `lasts ${Math.round(seconds)} s, more than the limit of ${limits.maxDurationSeconds} s; cut it or raise the limit`);
}

async function readPackets(path: string, streamIndex: number, limits: VideoLimits, name: string, signal?: AbortSignal): Promise<PacketList> {
  const packets = new PacketList();
  const args = [...probeFlags(limits), '-select_streams', String(streamIndex), '-show_entries', 'packet=pts,dts,duration,flags', '-of', 'compact=p=0', fileUrl(path)];
  const add = (line: string): void => {
    packets.add(parsePacketLine(line));
    if (packets.frames > limits.maxFrames) throw poison(name, `has more than ${limits.maxFrames} frames; cut it or raise the limit`);
  };
  await runFfprobe(args, add, signal && { signal });
  if (packets.frames === 0) throw poison(name, 'holds a video stream without a single frame');
  return packets;
}

function probeFlags(limits: VideoLimits): string[] {
  return ['-hide_banner', '-loglevel', 'error', ...inputFlags({ maxPixels: limits.maxPixels })];
}

/** ffprobe's own words, put as what is wrong with the file. */
function explain(error: FfmpegError, limits: VideoLimits, isMp4: boolean): string {
  const tail = error.tail.join(' ');
  if (error.ending !== 'failed') return `could not be examined: ffprobe ${error.message}`;
  const size = /Picture size (\d+x\d+) exceeds/.exec(tail)?.[1];
  if (size !== undefined) return overPixelLimit(size, limits);
  if (/reports no picture size/.test(error.message) && !/moov atom|Invalid data/i.test(tail)) return 'does not say how large its pictures are; it is damaged or incomplete';
  if (/whitelist/i.test(tail)) return 'is not in a video format that is accepted (playlists, pictures and text are not); convert it to mp4 or mkv';
  if (isMp4 && /moov atom not found/.test(tail)) return 'is cut off: its index (the moov atom) is missing; copy or record it again';
  // ffprobe takes any text or noise whose name ends in .mp4 for an mp4 without an index.
  if (/moov atom not found|Invalid data found|End of file/i.test(tail)) return 'is not a video, or is damaged from its very start';
  return `cannot be read as a video (${error.tail.at(-1) ?? error.message})`;
}

function overPixelLimit(size: string, limits: VideoLimits): string {
  return `has pictures of ${size} pixels, more than the limit of ${limits.maxPixels}; scale it down first`;
}

/** Whether the file begins with one of the boxes that mp4 and mov files begin with. */
async function looksLikeMp4(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return bytesRead === 8 && ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].includes(buffer.toString('latin1', 4, 8));
  } finally {
    await file.close();
  }
}

function poison(name: string, what: string, cause?: unknown): VamgError {
  return new VamgError('PoisonVideo', `"${name}" ${what}.`, cause === undefined ? {} : { cause });
}
