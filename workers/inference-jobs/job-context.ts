import type { InferenceProgress } from '../../contracts/inference';

/** What a job in the inference process works with. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** Hand finished lines over; resolves when they are stored. */
  emit(lines: readonly string[], checkpoint: Uint8Array | null, done: number): Promise<void>;
  progress(progress: InferenceProgress): void;
  log(level: 'info' | 'warn', message: string): void;
}
