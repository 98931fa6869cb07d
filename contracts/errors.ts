/**
 * The error catalogue: the names are part of the public contract (docs/errors.md lists the same set; a test compares).
 * Each failure says who is to blame, whether another attempt can help, and the process exit code it leads to.
 */
export interface FailureClass {
  /** input = the video or picture; config = options or set-up; environment = machine, network, disk; internal = a bug. */
  readonly blame: 'input' | 'config' | 'environment' | 'internal';
  /** True when the same attempt may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** Exit code of the command line: 1 the job failed, 2 wrong usage, 3 set-up missing. */
  readonly exitCode: 1 | 2 | 3;
  readonly meaning: string;
}

export const FAILURES = {
  PoisonVideo: { blame: 'input', retryable: false, exitCode: 1, meaning: 'The video cannot be read, holds no frames, or is over a limit.' },
  PoisonChunk: { blame: 'input', retryable: false, exitCode: 1, meaning: 'A part of the video cannot be decoded, or three attempts ended at the same frame.' },
  PoisonImage: { blame: 'input', retryable: false, exitCode: 1, meaning: 'The picture cannot be read or is over a limit.' },
  BadConfig: { blame: 'config', retryable: false, exitCode: 2, meaning: 'An option, a configuration file or an environment variable has a value that cannot be used.' },
  SetupMissing: { blame: 'config', retryable: false, exitCode: 3, meaning: 'Something this command needs is not installed: ffmpeg, model files, a Temporal server.' },
  NotFound: { blame: 'config', retryable: false, exitCode: 2, meaning: 'The job, bundle or result folder that was named does not exist.' },
  CorruptArtifact: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'A stored file does not have the bytes that were written; it is computed again.' },
  FrameHashMismatch: { blame: 'environment', retryable: false, exitCode: 1, meaning: 'Two chunks decoded the same frame to different pixels, so their objects cannot be compared.' },
  PayloadTooLarge: { blame: 'internal', retryable: false, exitCode: 1, meaning: 'More than 64 KB would have gone through the workflow; pixels and masks go by reference.' },
  ResourceExhausted: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'Disk, memory or GPU memory ran out.' },
  InferenceFailed: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'The inference process died, hung or could not use its device.' },
  StoreUnavailable: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'The artefact store did not answer.' },
  Cancelled: { blame: 'config', retryable: false, exitCode: 1, meaning: 'The job was cancelled by its user.' },
  Internal: { blame: 'internal', retryable: true, exitCode: 1, meaning: 'A bug in video-amg.' },
} as const satisfies Record<string, FailureClass>;

export type FailureName = keyof typeof FAILURES;

/** An error with a catalogue name and one clear sentence: what is wrong, where, what to do. Never holds a host path or a secret. */
export class VamgError extends Error {
  override readonly name = 'VamgError';
  constructor(
    readonly failure: FailureName,
    message: string,
    options?: { cause?: unknown; details?: Readonly<Record<string, unknown>> },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.details = options?.details ?? {};
  }
  readonly details: Readonly<Record<string, unknown>>;
}

/** True for names in the catalogue. */
export function isFailureName(name: unknown): name is FailureName {
  return typeof name === 'string' && Object.prototype.hasOwnProperty.call(FAILURES, name);
}
