import { ActivityFailure } from '@temporalio/common';
import { WorkflowFailedError, type Client, type WorkflowExecutionDescription, type WorkflowHandle } from '@temporalio/client';
import { VamgError } from '../contracts/errors';
import { adviceFor } from '../contracts/server-failures';
import { chunkReports, isChunkStep, stepReport, type ChunkReport, type FailedStep, type FailureReport, type LocatedStep, type StepReport } from './chunk-reports';
import { idleQueues, type IdleQueue } from './idle-queues';
import { jobFailure } from './job-failure';
import { jobPace, type JobPace } from './job-pace';
import { workerName, type JobProgress, type RunningStep } from './job-progress';
import { chunksOfSteps } from './step-chunks';

/** Where a job stands, chunk by chunk. */
export interface JobReport extends JobProgress, JobPace {
  /** All chunks in order; those with a step only, while no control worker answers. */
  readonly chunks: readonly ChunkReport[];
  /** Steps that run, wait or are retried and are not of one chunk: probe, plan, match, resolve, publish. */
  readonly others: readonly StepReport[];
  /** Queues that have work for this job and that no worker asks. */
  readonly idleQueues: readonly IdleQueue[];
  /** Why the job failed; null when it did not. */
  readonly failure: FailureReport | null;
}

export interface InspectJob {
  readonly client: Client;
  readonly namespace: string;
  readonly handle: WorkflowHandle;
  readonly description: WorkflowExecutionDescription;
  readonly progress: JobProgress;
}

/** Everything that server, workflow and heartbeats say of a job. */
export async function inspectJob({ client, namespace, handle, description, progress }: InspectJob): Promise<JobReport> {
  const { workflow, steps, fraction, status } = progress;
  const execution = { workflowId: description.workflowId, runId: description.runId };
  const failed = status === 'failed' ? await failedStep(handle) : null;
  const unknown = [...steps.filter(isUnlocated).map(({ activityId }) => activityId), ...(failed?.activityId === undefined ? [] : [failed.activityId])];
  const found = await chunksOfSteps(client, namespace, execution, unknown);
  const located = steps.map((step): LocatedStep => ({ ...step, chunk: isUnlocated(step) ? (found.get(step.activityId) ?? null) : isChunkStep(step) ? (step.details?.chunk ?? null) : null }));
  const ofChunk: FailedStep | null = failed === null || failed.report === null ? null : { chunk: isChunkStep(failed.report) ? (found.get(failed.activityId ?? '') ?? null) : null, report: failed.report };
  return {
    ...progress,
    ...jobPace(workflow, fraction, steps),
    chunks: chunkReports(workflow?.chunks ?? null, located, ofChunk),
    others: [...located.filter(({ chunk }) => chunk === null).map(stepReport), ...(ofChunk !== null && ofChunk.chunk === null ? [ofChunk.report] : [])],
    idleQueues: status === 'running' ? await idleQueues(client, namespace, description, steps, workflow === null) : [],
    failure: failed?.failure ?? null,
  };
}

function isUnlocated(step: RunningStep): boolean {
  return isChunkStep(step) && step.details === null;
}

/** Why a job failed, and the step that did; a job may also fail outside of any step. */
async function failedStep(handle: WorkflowHandle): Promise<{ failure: FailureReport; activityId: string | undefined; report: StepReport | null } | null> {
  const error = await handle.result().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const said = jobFailure(error);
  if (!(said instanceof VamgError)) return null;
  const failure = { name: said.failure, message: said.message.replace(/\p{Cc}/gu, ' '), advice: adviceFor(said.failure), nextAttemptIn: null };
  const cause = error instanceof WorkflowFailedError && error.cause instanceof ActivityFailure ? error.cause : null;
  if (cause === null) return { failure, activityId: undefined, report: null };
  const report: StepReport = { step: cause.activityType, state: 'failed', done: null, total: null, perSecond: null, secondsLeft: null, attempt: null, worker: workerName(cause.identity), heartbeatAgo: null, failure };
  return { failure, activityId: cause.activityId, report };
}
