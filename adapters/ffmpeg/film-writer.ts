import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { VamgError } from '../../contracts/errors';
import type { Rational } from '../../contracts/video-info';
import { FfmpegError, startFfmpeg, type FfmpegCommand, type FfmpegJob } from './ffmpeg-runner';
import { rawMatroskaFrame, rawMatroskaHeader, ticksToNanoseconds, type RawPixels } from './raw-matroska';

export interface FilmOptions {
  /** Where the film is to be; written beside it first, then renamed. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** Of the source; the timestamps given to `write` count in it. */
  readonly timeBase: Rational;
  readonly signal?: AbortSignal;
  readonly idleMs?: number;
}

/** What ffmpeg is to make of the frames. */
export interface FilmEncoding {
  readonly pixels: RawPixels;
  /** The film in an error: "The overlay film could not be written". */
  readonly name: string;
  /** What to say when this ffmpeg has no such encoder. */
  readonly withoutEncoder: string;
  /** Frames in Matroska on `stream`, encoded to the absolute path `output`. */
  readonly command: (stream: Readable, output: string) => FfmpegCommand;
}

/**
 * Writes one film from raw frames, every frame at its own time (variable frame rate stays), starting at 0.
 * Create it with `openFilm`; call `finish` or `abort` exactly once.
 */
export class FilmWriter {
  private firstPts: number | null = null;
  private lastPts = -Infinity;

  constructor(
    private readonly options: FilmOptions,
    private readonly encoding: FilmEncoding,
    private readonly job: FfmpegJob,
    private readonly input: PassThrough,
    private readonly partialPath: string,
  ) {}

  /**
   * Add a frame, waiting while ffmpeg is behind.
   * @param frame width * height * 3 bytes of RGB, or 4 of RGBA; belongs to the writer from now on, since the pipe may hold it for a while.
   * @param pts ticks of the source, ascending. @param durationTicks for which it is shown.
   */
  async write(frame: Uint8Array, pts: number, durationTicks: number): Promise<void> {
    const { width, height, timeBase } = this.options;
    const { pixels } = this.encoding;
    const frameBytes = width * height * pixels.length;
    if (frame.length !== frameBytes) throw new RangeError(`a frame of ${width}x${height} has ${frameBytes} bytes, got ${frame.length}`);
    if (pts <= this.lastPts) throw new RangeError(`timestamps must ascend: ${pts} after ${this.lastPts}`);
    if (this.firstPts === null) await this.send(rawMatroskaHeader(width, height, pixels));
    this.firstPts ??= pts;
    this.lastPts = pts;
    const { before, after } = rawMatroskaFrame(ticksToNanoseconds(pts - this.firstPts, timeBase), ticksToNanoseconds(durationTicks, timeBase), frameBytes);
    await this.send(before);
    await this.send(frame);
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
    return filmError(error, this.encoding);
  }
}

/** Start writing a film. @throws VamgError SetupMissing without ffmpeg. */
export async function openFilm(options: FilmOptions, encoding: FilmEncoding): Promise<FilmWriter> {
  const partialPath = resolve(`${options.path}.partial`);
  const input = new PassThrough({ highWaterMark: 1 << 20 });
  const job = await startFfmpeg(encoding.command(input, partialPath), {
    ...(options.signal && { signal: options.signal }),
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
  });
  return new FilmWriter(options, encoding, job, input, partialPath);
}

/** FfmpegError as what it means for a film that we write ourselves; other errors as they are. */
export function filmError(error: unknown, { name, withoutEncoder }: Pick<FilmEncoding, 'name' | 'withoutEncoder'>): unknown {
  if (!(error instanceof FfmpegError)) return error;
  const tail = error.tail.join(' ');
  if (/No space left|Disk quota/i.test(tail)) return new VamgError('ResourceExhausted', `The disk is full: the ${name} could not be written; free some space and resume.`, { cause: error });
  if (/Unknown encoder/i.test(tail)) return new VamgError('SetupMissing', withoutEncoder, { cause: error });
  return new VamgError('Internal', `The ${name} could not be written: ${error.tail.at(-1) ?? `ffmpeg ${error.message}`}`, { cause: error });
}
