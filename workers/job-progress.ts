import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { HeartbeatDetails, SegmentProgress } from '../contracts/messages';
import { readPayload } from './data-converter';

export type JobStatus = 'running' | 'done' | 'failed' | 'cancelled';

export interface RunningStep {
  /** Activity name: detect, track, … */
  readonly step: string;
  readonly attempt: number;
  /** Last heartbeat; null before the first, and when it said nothing. */
  readonly details: HeartbeatDetails | null;
  /** Catalogue name of the last attempt's failure, while it is retried. */
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

const STATUS: Readonly<Record<string, JobStatus>> = { RUNNING: 'running', PAUSED: 'running', CONTINUED_AS_NEW: 'running', COMPLETED: 'done', CANCELLED: 'cancelled', TERMINATED: 'cancelled' };

/** Our word for a status of the server. */
export function jobStatus(name: string): JobStatus {
  return STATUS[name] ?? 'failed';
}

/** Activities that run or wait for another attempt. */
export async function runningSteps(description: WorkflowExecutionDescription): Promise<RunningStep[]> {
  return await Promise.all(
    (description.raw.pendingActivities ?? []).map(async ({ activityType, attempt, heartbeatDetails, lastFailure }) => ({
      step: activityType?.name ?? 'unknown',
      attempt: attempt ?? 1,
      details: (await readPayload<HeartbeatDetails>(heartbeatDetails?.payloads?.[0])) ?? null,
      lastFailure: lastFailure?.applicationFailureInfo?.type ?? null,
      lastFailureMessage: (await readPayload<{ message: string }>(lastFailure?.encodedAttributes))?.message ?? lastFailure?.message ?? null,
    })),
  );
}

/** Detecting is counted as half of a chunk, tracking as the other half. */
export function progressFraction(status: JobStatus, workflow: SegmentProgress | null, steps: readonly RunningStep[]): number {
  if (status === 'done') return 1;
  if (workflow === null || workflow.chunkCount === 0) return 0;
  let done = 0;
  for (const letter of workflow.chunks) done += 'TrD'.includes(letter) ? 1 : letter === 't' ? 0.5 : 0;
  for (const { step, details } of steps)
    if (details !== null && details.total > 0 && (step === 'detect' || step === 'track')) done += (0.5 * Math.min(details.done, details.total)) / details.total;
  return Math.min(1, done / workflow.chunkCount);
}
