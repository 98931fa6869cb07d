import { CHUNK_LETTERS, type ChunkState } from '../contracts/messages';
import { adviceFor } from '../contracts/server-failures';
import type { RunningStep, StepState } from './job-progress';

/** A step that runs, waits or failed, as `vamg status` shows it. */
export interface StepReport {
  /** Activity name: detect, track, … */
  readonly step: string;
  readonly state: StepState | 'failed';
  /** Of `total`: detection frames for detect, frames for track and render; null before the first heartbeat. */
  readonly done: number | null;
  readonly total: number | null;
  /** How much of `total` is done in a second, over the last minute or so; null until known. */
  readonly perSecond: number | null;
  /** Seconds until this step is done at that rate. */
  readonly secondsLeft: number | null;
  /** From 1; null where the server does not say. */
  readonly attempt: number | null;
  /** `pid@host` of the worker that has it or had it last. */
  readonly worker: string | null;
  /** Seconds since the last heartbeat. */
  readonly heartbeatAgo: number | null;
  /** Why the last attempt failed; null when none did. */
  readonly failure: FailureReport | null;
}

export interface FailureReport {
  /** A name of the catalogue (docs/errors.md), or WorkerLost, TimedOut, HandedBack. */
  readonly name: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** Seconds until the next attempt; null when it runs, is due, or there is none. */
  readonly nextAttemptIn: number | null;
}

export interface ChunkReport {
  /** From 1, as in the Temporal UI and the logs. */
  readonly chunk: number;
  readonly state: ChunkState;
  /** First and last frame, decode indices of the video; null while no worker has said. */
  readonly frames: readonly [number, number] | null;
  /** null while nothing is done for this chunk. */
  readonly step: StepReport | null;
}

/** A step and the index of its chunk; null for steps of the whole job. */
export type LocatedStep = RunningStep & { readonly chunk: number | null };

const STATE_OF_STEP: Readonly<Record<string, ChunkState>> = { detect: 'detecting', track: 'tracking', relabel: 'rendering', render: 'rendering' };
const STATE_OF_LETTER = Object.fromEntries(Object.entries(CHUNK_LETTERS).map(([state, letter]) => [letter, state as ChunkState]));

/** True for steps of a chunk; the others are of the whole job, or of a border between chains. */
export function isChunkStep({ step }: Pick<RunningStep, 'step'>): boolean {
  return Object.hasOwn(STATE_OF_STEP, step);
}

export function stepReport({ step, state, details, attempt, worker, heartbeatAgo, nextAttemptIn, lastFailure, lastFailureMessage }: RunningStep): StepReport {
  const isRunning = state === 'running';
  const perSecond = isRunning && details?.perSecond !== undefined && details.perSecond > 0 ? details.perSecond : null;
  const hasTotal = details !== null && details.total > 0;
  return {
    step,
    state,
    done: details?.done ?? null,
    total: hasTotal ? details.total : null,
    perSecond,
    secondsLeft: perSecond !== null && hasTotal ? Math.round(Math.max(0, details.total - details.done) / perSecond) : null,
    attempt,
    worker,
    heartbeatAgo,
    failure: lastFailure === null ? null : { name: lastFailure, message: lastFailureMessage ?? '', advice: adviceFor(lastFailure), nextAttemptIn },
  };
}

/**
 * What is known of each chunk, in order: of all of them when the workflow answered (`letters`), else of those with a step.
 * @param failed the step that ended the job, when one did
 */
export function chunkReports(letters: string | null, steps: readonly LocatedStep[], failed: FailedStep | null): ChunkReport[] {
  const at = new Map(steps.filter((step) => isChunkStep(step) && step.chunk !== null).map((step) => [step.chunk, step]));
  const chunks = letters !== null ? [...letters].keys() : [...new Set([...at.keys(), ...(failed === null ? [] : [failed.chunk])])].filter((chunk) => chunk !== null).sort((a, b) => a - b);
  return [...chunks].map((chunk) => {
    const step = at.get(chunk);
    const isFailed = failed !== null && failed.chunk === chunk;
    const state = isFailed ? 'failed' : (STATE_OF_LETTER[letters?.[chunk] ?? ''] ?? STATE_OF_STEP[step?.step ?? ''] ?? 'waiting');
    const { firstFrame, lastFrame } = step?.details ?? {};
    const frames = firstFrame === undefined || lastFrame === undefined ? null : ([firstFrame, lastFrame] as const);
    return { chunk: chunk + 1, state, frames, step: isFailed ? failed.report : step === undefined ? null : stepReport(step) };
  });
}

/** The step that ended a job. */
export interface FailedStep {
  /** Index of its chunk; null for steps of the whole job. */
  readonly chunk: number | null;
  readonly report: StepReport;
}
