import type { InferenceProgress } from '../../contracts/inference';
import type { ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';

/** What a job in the inference process works with. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** Hand finished lines over; resolves when they are stored. */
  emit(lines: readonly string[], checkpoint: Uint8Array | null, done: number): Promise<void>;
  progress(progress: InferenceProgress): void;
  log(level: 'info' | 'warn', message: string): void;
}

/** Let the event loop run: messages such as a cancellation are only seen between network runs. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Wrap a segmenter so that before every network run pending messages are read and the signal is checked, and after every run
 * `onRun` is called (the sign of life that the watchdog listens to).
 */
export function cooperativeSegmenter(inner: PromptableSegmenter, signal: AbortSignal, onRun: () => void): PromptableSegmenter {
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    await yieldToEventLoop();
    signal.throwIfAborted();
    const result = await work();
    onRun();
    return result;
  };
  return {
    inputSize: inner.inputSize,
    encode: (image): Promise<ImageEmbedding> => run(() => inner.encode(image, signal)),
    decode: (embedding, prompts) => run(() => inner.decode(embedding, prompts, signal)),
    decodePoints: (embedding, prompts) => run(() => inner.decodePoints(embedding, prompts, signal)),
    inferenceMs: () => inner.inferenceMs(),
    dispose: () => inner.dispose(),
  };
}
