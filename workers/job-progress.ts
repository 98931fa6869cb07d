import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ACTIVITY_PROFILES, type ActivityName } from '../contracts/activity-profiles';
import { taskQueueName, type HeartbeatDetails, type SegmentProgress } from '../contracts/messages';
import { readPayload } from './data-converter';
import { stepFailure } from './step-failure';

export type JobStatus = 'running' | 'done' | 'failed' | 'cancelled';

/** queued: nobody has taken it yet; retrying: it failed and its next attempt is not due; paused: by an operator, in Temporal. */
export type StepState = 'queued' | 'running' | 'retrying' | 'paused' | 'cancelling';

export interface RunningStep {
  /** Temporal's number of the step within its workflow. */
  readonly activityId: string;
  /** Activity name: detect, track, … */
  readonly step: string;
  readonly state: StepState;
  /** Attempt that runs or comes next, from 1. */
  readonly attempt: number;
  /** Last heartbeat; null before the first, and when it said nothing. */
  readonly details: HeartbeatDetails | null;
  /** Seconds since the last heartbeat; null before the first. */
  readonly heartbeatAgo: number | null;
  /** Process and machine that had it last, `pid@host`; null when nobody had it. */
  readonly worker: string | null;
  readonly taskQueue: string;
  /** Seconds until the next attempt; null when it runs or is due. */
  readonly nextAttemptIn: number | null;
  /** Name of the last attempt's failure, while it is retried: one of the catalogue, or of `step-failure.ts`. */
  readonly lastFailure: string | null;
  readonly lastFailureMessage: string | null;
}

export interface JobProgress {
  readonly id: string;
  readonly status: JobStatus;
  /** null when no control worker answers. */
  readonly workflow: SegmentProgress | null;
  readonly steps: readonly RunningStep[];
  /** Share of the inference work that is done, 0..1, running chunks included. */
  readonly fraction: number;
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];
type Timestamp = NonNullable<PendingActivity['lastHeartbeatTime']>;

const STATUS: Readonly<Record<string, JobStatus>> = { RUNNING: 'running', PAUSED: 'running', CONTINUED_AS_NEW: 'running', COMPLETED: 'done', CANCELLED: 'cancelled', TERMINATED: 'cancelled' };
/** PendingActivityState of Temporal's API. */
const STARTED = 2;
const CANCEL_REQUESTED = 3;

/** Our word for a status of the server. */
export function jobStatus(name: string): JobStatus {
  return STATUS[name] ?? 'failed';
}

/** Activities that run or wait for a worker or for another attempt. @param nowMs the time of this machine */
export async function runningSteps(description: WorkflowExecutionDescription, nowMs: number = Date.now()): Promise<RunningStep[]> {
  return await Promise.all((description.raw.pendingActivities ?? []).map((pending) => runningStep(pending, description.taskQueue ?? '', nowMs)));
}

async function runningStep(pending: PendingActivity, controlQueue: string, nowMs: number): Promise<RunningStep> {
  const step = pending.activityType?.name ?? 'unknown';
  const due = secondsBetween(nowMs, pending.nextAttemptScheduleTime);
  const nextAttemptIn = due !== null && due > 0 ? due : null;
  const ago = secondsBetween(nowMs, pending.lastHeartbeatTime);
  const { lastFailure } = pending;
  const failure = lastFailure === null || lastFailure === undefined ? null : await stepFailure(lastFailure);
  return {
    activityId: pending.activityId ?? '',
    step,
    state: stateOf(pending, nextAttemptIn),
    attempt: pending.attempt ?? 1,
    details: (await readPayload<HeartbeatDetails>(pending.heartbeatDetails?.payloads?.[0])) ?? null,
    heartbeatAgo: ago === null ? null : Math.max(0, -ago),
    worker: workerName(pending.lastWorkerIdentity),
    taskQueue: pending.activityOptions?.taskQueue?.name || queueOf(step, controlQueue),
    nextAttemptIn,
    lastFailure: failure?.name ?? null,
    lastFailureMessage: failure?.message ?? null,
  };
}

function stateOf({ state, paused }: PendingActivity, nextAttemptIn: number | null): StepState {
  if (state === STARTED) return 'running';
  if (state === CANCEL_REQUESTED) return 'cancelling';
  if (paused === true) return 'paused';
  return nextAttemptIn === null ? 'queued' : 'retrying';
}

/** For servers that do not say it: the role's queue beside the workflow's own. */
function queueOf(step: string, controlQueue: string): string {
  const role = Object.hasOwn(ACTIVITY_PROFILES, step) ? ACTIVITY_PROFILES[step as ActivityName].role : 'control';
  return taskQueueName(controlQueue.replace(/-control$/, ''), role);
}

/** Seconds from now to a time of the server. */
function secondsBetween(nowMs: number, time: Timestamp | null | undefined): number | null {
  if (time === null || time === undefined) return null;
  return Math.round((Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6 - nowMs) / 100) / 10;
}

/** Others may name their workers as they like: no control characters, nothing that looks like a path. */
export function workerName(identity: string | null | undefined): string | null {
  if (identity === null || identity === undefined || identity === '') return null;
  return identity.replace(/\p{Cc}/gu, '?').replace(/^.*[/\\]/, '').slice(0, 100);
}

/** Detecting is counted as half of a chunk, tracking as the other half. */
export function progressFraction(status: JobStatus, workflow: SegmentProgress | null, steps: readonly Pick<RunningStep, 'step' | 'details'>[]): number {
  if (status === 'done') return 1;
  if (workflow === null || workflow.chunkCount === 0) return 0;
  let done = 0;
  for (const letter of workflow.chunks) done += 'TrD'.includes(letter) ? 1 : letter === 't' ? 0.5 : 0;
  for (const { step, details } of steps)
    if (details !== null && details.total > 0 && (step === 'detect' || step === 'track')) done += (0.5 * Math.min(details.done, details.total)) / details.total;
  return Math.min(1, done / workflow.chunkCount);
}
