import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { VamgError } from '../../contracts/errors';
import type { Rational } from '../../contracts/video-info';
import { FfmpegError, startFfmpeg, type FfmpegJob } from './ffmpeg-runner';
import { overlayPartCommand } from './overlay-args';
import { rawMatroskaFrame, rawMatroskaHeader, ticksToNanoseconds } from './raw-matroska';
import { defaultDecoderThreads } from './scene-cuts';

export interface OverlayPartOptions {
  /** Where the mp4 is to be; written beside it first, then renamed. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** Of the source; the timestamps given to `write` count in it. */
  readonly timeBase: Rational;
  readonly signal?: AbortSignal;
  /** x264 quality, 0 (lossless) to 51; default 20. */
  readonly crf?: number;
  /** Most frames between two that can be decoded on their own: the fewer, the faster a player seeks, and the larger the film. */
  readonly keyframeEvery?: number;
  readonly idleMs?: number;
  readonly threads?: number;
}

/**
 * Writes one film from RGB frames: H.264 yuv420p in mp4, every frame at its own time (variable frame rate stays), starting at 0.
 * Create it with `openOverlayPart`; call `finish` or `abort` exactly once.
 */
export class OverlayPartWriter {
  private firstPts: number | null = null;
  private lastPts = -Infinity;

  constructor(
    private readonly options: OverlayPartOptions,
    private readonly job: FfmpegJob,
    private readonly input: PassThrough,
    private readonly partialPath: string,
  ) {}

  /**
   * Add a frame, waiting while ffmpeg is behind.
   * @param rgb width * height * 3 bytes; belongs to the writer from now on, since the pipe may hold it for a while.
   * @param pts ticks of the source, ascending. @param durationTicks for which it is shown.
   */
  async write(rgb: Uint8Array, pts: number, durationTicks: number): Promise<void> {
    const { width, height, timeBase } = this.options;
    const frameBytes = width * height * 3;
    if (rgb.length !== frameBytes) throw new RangeError(`a frame of ${width}x${height} has ${frameBytes} bytes, got ${rgb.length}`);
    if (pts <= this.lastPts) throw new RangeError(`timestamps must ascend: ${pts} after ${this.lastPts}`);
    if (this.firstPts === null) await this.send(rawMatroskaHeader(width, height));
    this.firstPts ??= pts;
    this.lastPts = pts;
    const { before, after } = rawMatroskaFrame(ticksToNanoseconds(pts - this.firstPts, timeBase), ticksToNanoseconds(durationTicks, timeBase), frameBytes);
    await this.send(before);
    await this.send(rgb);
    await this.send(after);
  }

  /** Close the film and put it in place. @throws VamgError ResourceExhausted or Internal when ffmpeg could not write it. */
  async finish(): Promise<void> {
    if (this.firstPts === null) {
      await this.abort();
      throw new RangeError('a film needs at least one frame');
    }
    this.input.end();
    try {
      await this.job.watch(this.job.done);
      await rename(this.partialPath, this.options.path);
    } catch (error) {
      throw await this.failed(error);
    }
  }

  /** Give up: ends ffmpeg and removes what was written. Never rejects. */
  async abort(): Promise<void> {
    await this.job.stop();
    this.input.destroy();
    await rm(this.partialPath, { force: true }).catch(() => undefined);
  }

  private async send(bytes: Uint8Array): Promise<void> {
    this.options.signal?.throwIfAborted();
    if (this.input.write(bytes)) return;
    const ended = this.job.done.then(() => {
      throw new FfmpegError('failed', this.job.tail(), 'ffmpeg ended before its input did');
    });
    ended.catch(() => undefined);
    try {
      await this.job.watch(Promise.race([once(this.input, 'drain'), ended]));
    } catch (error) {
      throw await this.failed(error);
    }
  }

  private async failed(error: unknown): Promise<unknown> {
    await this.abort();
    return overlayError(error);
  }
}

/** Start writing a film. @throws VamgError SetupMissing without ffmpeg. */
export async function openOverlayPart(options: OverlayPartOptions): Promise<OverlayPartWriter> {
  const partialPath = resolve(`${options.path}.partial`);
  const input = new PassThrough({ highWaterMark: 1 << 20 });
  const command = overlayPartCommand({
    stream: input,
    timeBase: options.timeBase,
    output: partialPath,
    crf: options.crf ?? 20,
    ...(options.keyframeEvery !== undefined && { keyframeEvery: options.keyframeEvery }),
    threads: options.threads ?? defaultDecoderThreads(),
  });
  const job = await startFfmpeg(command, {
    ...(options.signal && { signal: options.signal }),
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
  });
  return new OverlayPartWriter(options, job, input, partialPath);
}

/** FfmpegError as what it means for a film that we write ourselves; other errors as they are. */
export function overlayError(error: unknown): unknown {
  if (!(error instanceof FfmpegError)) return error;
  const tail = error.tail.join(' ');
  if (/No space left|Disk quota/i.test(tail)) return new VamgError('ResourceExhausted', 'The disk is full: the overlay film could not be written; free some space and resume.', { cause: error });
  if (/Unknown encoder/i.test(tail)) return new VamgError('SetupMissing', 'This ffmpeg has no H.264 encoder (libx264): install a full build, or use --no-overlay.', { cause: error });
  return new VamgError('Internal', `The overlay film could not be written: ${error.tail.at(-1) ?? `ffmpeg ${error.message}`}`, { cause: error });
}
