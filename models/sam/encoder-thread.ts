import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { isFailureName, VamgError } from '../../contracts/errors';
import type { ImageEmbedding, RgbImage } from '../../contracts/segmenter';

/** What the thread is started with. */
export interface EncoderThreadSetup {
  readonly graphPath: string;
  readonly label: string;
  readonly inputSize: number;
  readonly intraOpThreads: number;
}

/** `encode` without a picture is of one that was prepared under the same number. */
export type EncodeRequest = { readonly kind: 'prepare'; readonly id: number; readonly image: RgbImage } | { readonly kind: 'encode'; readonly id: number; readonly image?: RgbImage };

/** Pictures that both sides keep prepared; of more the first one goes. */
export const MOST_PREPARED = 2;

/** What the thread says; `milliseconds` are those inside the graph since it began. */
export type EncoderThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'embedding'; readonly id: number; readonly embedding: ImageEmbedding; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly id: number | null; readonly failure: string; readonly message: string };

type Waiting = { readonly resolve: (embedding: ImageEmbedding) => void; readonly reject: (error: Error) => void };

/** The image encoder on a thread of its own, on the CPU: pictures are encoded one after the other while the caller's thread goes on. */
export class EncoderThread {
  private readonly waiting = new Map<number, Waiting>();
  private readonly prepared = new Map<RgbImage, number>();
  private nextId = 0;
  private milliseconds = 0;
  private ended: Error | null = null;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (message: EncoderThreadMessage) => this.take(message));
    worker.on('error', (cause) => this.end(new VamgError('InferenceFailed', 'The thread of the image encoder failed.', { cause })));
    worker.on('exit', () => this.end(new VamgError('InferenceFailed', 'The thread of the image encoder has ended.')));
  }

  /** @param entry the compiled program of the thread. @throws VamgError InferenceFailed when the graph cannot be loaded */
  static async start(setup: EncoderThreadSetup, entry = path.join(__dirname, 'encoder-thread-entry.js')): Promise<EncoderThread> {
    const worker = new Worker(entry, { workerData: setup });
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => reject(new VamgError('InferenceFailed', 'The thread of the image encoder did not start.')));
      worker.once('message', (message: EncoderThreadMessage) => (message.kind === 'failed' ? reject(failureOf(message)) : resolve()));
    }).catch(async (error: unknown) => {
      await worker.terminate();
      throw error;
    });
    return new EncoderThread(worker);
  }

  /** Has the picture scaled and normalised before it is to be encoded; the caller does not change it until then. */
  prepare(image: RgbImage): void {
    if (this.ended || this.prepared.has(image)) return;
    const id = this.nextId++;
    forgetFirst(this.prepared.set(image, id));
    this.post({ kind: 'prepare', id, image });
  }

  /** Rejects with VamgError as the graph's run does, or the signal's reason before it is sent. */
  encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.ended) throw this.ended;
      const prepared = this.prepared.get(image);
      this.prepared.delete(image);
      const id = prepared ?? this.nextId++;
      this.waiting.set(id, { resolve, reject });
      this.post({ kind: 'encode', id, ...(prepared === undefined ? { image } : {}) });
    });
  }

  /** Milliseconds inside the graph so far. */
  inferenceMs(): number {
    return this.milliseconds;
  }

  /** Idempotent. */
  async dispose(): Promise<void> {
    if (this.ended) return;
    const exit = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.postMessage(null);
    await exit;
  }

  private post(request: EncodeRequest): void {
    this.worker.postMessage(request);
  }

  private take(message: EncoderThreadMessage): void {
    if (message.kind === 'ready') return;
    const waiting = message.id === null ? undefined : this.waiting.get(message.id);
    if (message.id !== null) this.waiting.delete(message.id);
    if (message.kind === 'failed') return waiting?.reject(failureOf(message));
    this.milliseconds = message.milliseconds;
    waiting?.resolve(message.embedding);
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
    this.prepared.clear();
  }
}

/** Both sides prepare and encode in the same order, so that the same pictures go. */
export function forgetFirst(prepared: Map<unknown, unknown>): void {
  if (prepared.size > MOST_PREPARED) prepared.delete(prepared.keys().next().value);
}

/**
 * Threads for it, when the networks may use so many cores: as many, for threads that wait sleep, and the other networks leave cores idle between their runs; none
 * (so no thread of its own) where there is only one core.
 */
export function encoderThreads(cores = availableParallelism()): number {
  return cores > 1 ? cores : 0;
}

function failureOf({ failure, message }: Extract<EncoderThreadMessage, { kind: 'failed' }>): VamgError {
  return new VamgError(isFailureName(failure) ? failure : 'InferenceFailed', message);
}
