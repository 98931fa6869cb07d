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
  /** What to do about it, where the failure's own sentence does not say. */
  readonly advice: string;
}

export const FAILURES = {
  PoisonVideo: { blame: 'input', retryable: false, exitCode: 1, meaning: 'The video cannot be read, holds no frames, or is over a limit.', advice: 'Play the video and convert it with ffmpeg, or leave it out.' },
  PoisonChunk: { blame: 'input', retryable: false, exitCode: 1, meaning: 'A part of the video cannot be decoded, or three attempts ended at the same frame.', advice: 'Look at the frames that are named; cut them out or convert the video with ffmpeg, and start a job with the new file.' },
  PoisonImage: { blame: 'input', retryable: false, exitCode: 1, meaning: 'The picture cannot be read or is over a limit.', advice: 'Open the picture in another program and save it again, or leave it out.' },
  BadConfig: { blame: 'config', retryable: false, exitCode: 2, meaning: 'An option, a configuration file or an environment variable has a value that cannot be used.', advice: 'Correct the option or variable that is named, and give the command again.' },
  SetupMissing: { blame: 'config', retryable: false, exitCode: 3, meaning: 'Something this command needs is not installed: ffmpeg, model files, a Temporal server.', advice: 'Run `vamg doctor` on the machine that says so, as the user of its worker; then start the job again.' },
  NotFound: { blame: 'config', retryable: false, exitCode: 2, meaning: 'The job, bundle or result folder that was named does not exist.', advice: 'Check the name; `vamg list` and `vamg models list` show what there is.' },
  CorruptArtifact: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'A stored file does not have the bytes that were written; it is computed again.', advice: 'Nothing: it is made again. If it repeats, check the disk or the store.' },
  FrameHashMismatch: { blame: 'environment', retryable: false, exitCode: 1, meaning: 'Two chunks decoded the same frame to different pixels, so their objects cannot be compared.', advice: 'Put the same version of ffmpeg on all machines, and start the job again.' },
  PayloadTooLarge: { blame: 'internal', retryable: false, exitCode: 1, meaning: 'More than 64 KB would have gone through the workflow; pixels and masks go by reference.', advice: 'Report it as a bug, with the options of the job.' },
  ResourceExhausted: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'Disk, memory or GPU memory ran out.', advice: 'Free the disk or memory that is named, or use a smaller preset, --points-per-batch or --max-objects; it is tried again every minute.' },
  InferenceFailed: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'The inference process died, hung or could not use its device.', advice: "Nothing at first: it goes on from the last checkpoint. If it repeats, read the worker's log; memory that ran out ends processes with SIGKILL." },
  StoreUnavailable: { blame: 'environment', retryable: true, exitCode: 1, meaning: 'The artefact store did not answer.', advice: 'Bring the store back, or check its address and keys; the job waits and goes on by itself.' },
  Cancelled: { blame: 'config', retryable: false, exitCode: 1, meaning: 'The job was cancelled by its user.', advice: 'Start the job again if that was not meant.' },
  Internal: { blame: 'internal', retryable: true, exitCode: 1, meaning: 'A bug in video-amg.', advice: "Read the stack in the worker's log and report it; it is tried five times. After a correction start the job again: it goes on." },
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
