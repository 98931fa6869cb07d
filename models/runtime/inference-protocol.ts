import type { FailureName } from '../../contracts/errors';
import type { InferenceJob, InferenceProgress } from '../../contracts/inference';

/** Settings of the inference process, fixed for its life. */
export interface InferenceProcessSettings {
  /** Threads of one network run; null lets onnxruntime decide (all cores). */
  readonly threads: number | null;
  /** The process is replaced when its resident memory grows past this; null is no limit. */
  readonly memoryLimitBytes: number | null;
}

/** Host to process. */
export type HostMessage =
  | { readonly type: 'run'; readonly id: number; readonly job: InferenceJob }
  | { readonly type: 'cancel'; readonly id: number }
  /** The lines with this number are stored: send more. */
  | { readonly type: 'stored'; readonly id: number; readonly seq: number };

/** Process to host. `seq` counts lines messages of a job from 0. */
export type ProcessMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly message: string }
  | { readonly type: 'lines'; readonly id: number; readonly seq: number; readonly lines: readonly string[]; readonly checkpoint: Uint8Array | null; readonly done: number }
  | { readonly type: 'progress'; readonly id: number; readonly progress: InferenceProgress; readonly rssBytes: number }
  | { readonly type: 'done'; readonly id: number; readonly trailer: unknown; readonly inferenceMs: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: FailureName; readonly message: string }
  | { readonly type: 'aborted'; readonly id: number };

/** Environment variable in which the process finds its settings as JSON. */
export const SETTINGS_VARIABLE = 'VAMG_INFERENCE_SETTINGS';
