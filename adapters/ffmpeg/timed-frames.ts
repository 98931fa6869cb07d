import { BoundedQueue } from './bounded-queue';
import { parseTimestampLine } from './decode-args';
import { startFfmpeg, type FfmpegCommand, type FfmpegJob } from './ffmpeg-runner';

export interface TimedFrame {
  /** Presentation timestamp in ticks of the stream, as the decoder delivered it; null when it has none. */
  readonly pts: number | null;
  /** frameBytes bytes in a buffer of its own: the consumer may keep or transfer it. */
  readonly data: Uint8Array;
}

export interface TimedFramesOptions {
  readonly frameBytes: number;
  readonly signal?: AbortSignal;
  readonly idleMs?: number;
  readonly wallMs?: number;
  /** Frames decoded ahead of the consumer. */
  readonly queueFrames?: number;
  /** Called once, when decoding has ended, with the number of messages about damaged data. */
  readonly onEnd?: (errorCount: number) => void;
}

/**
 * Run a command made by decodeCommand and yield its frames. The consumer holds ffmpeg back: at most `queueFrames` frames (4 by
 * default) plus one pipe's worth are decoded ahead. Ending the iteration early ends ffmpeg before `return` resolves.
 * @throws FfmpegError when ffmpeg fails or hangs (after the frames that it did deliver); the signal's reason.
 */
export async function* timedFrames(command: FfmpegCommand, options: TimedFramesOptions): AsyncGenerator<TimedFrame, void, undefined> {
  const stamps = new StampQueue();
  const job = await startFfmpeg(command, {
    ...(options.signal && { signal: options.signal }),
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
    ...(options.wallMs !== undefined && { wallMs: options.wallMs }),
    onStderrLine: (line) => stamps.take(line),
  });
  const closeStamps = (): void => stamps.close();
  job.done.then(closeStamps, closeStamps);
  const queue = new BoundedQueue<TimedFrame>(options.queueFrames ?? 4);
  const pumping = pump(job, stamps, queue, options.frameBytes);
  try {
    yield* queue;
  } finally {
    options.onEnd?.(job.errorCount());
    queue.close();
    await job.stop();
    await pumping;
  }
}

/** Timestamps that stderr has announced and whose pixels have not been read yet. */
class StampQueue {
  private readonly stamps: (number | null)[] = [];
  private wake: (() => void) | null = null;
  private isClosed = false;

  take(line: string): boolean {
    const parsed = parseTimestampLine(line);
    if (parsed === null) return false;
    if (parsed !== 'marker') {
      this.stamps.push(parsed === 'unknown' ? null : parsed);
      this.wake?.();
    }
    return true;
  }

  async next(): Promise<number | null> {
    while (this.stamps.length === 0 && !this.isClosed) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.stamps.shift() ?? null;
  }

  /** ffmpeg has ended: no more lines will come. */
  close(): void {
    this.isClosed = true;
    this.wake?.();
  }
}

async function pump(job: FfmpegJob, stamps: StampQueue, queue: BoundedQueue<TimedFrame>, frameBytes: number): Promise<void> {
  try {
    const chunks = job.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let frame = new Uint8Array(frameBytes);
    let filled = 0;
    for (;;) {
      const step = await job.watch(chunks.next());
      if (step.done === true) break;
      for (let offset = 0; offset < step.value.length; ) {
        const size = Math.min(frameBytes - filled, step.value.length - offset);
        frame.set(step.value.subarray(offset, offset + size), filled);
        offset += size;
        filled += size;
        if (filled < frameBytes) continue;
        const pts = await job.watch(stamps.next());
        if (!(await queue.push({ pts, data: frame }))) return;
        frame = new Uint8Array(frameBytes);
        filled = 0;
      }
    }
    await job.watch(job.done);
    queue.end();
  } catch (error) {
    queue.fail(error);
  }
}
