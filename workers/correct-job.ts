import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type Workflow } from '@temporalio/common';
import { dataKey, type ArtefactStore } from '../adapters/store/artefact-store';
import { orNull } from '../adapters/store/object-store';
import { parseCorrection, type CorrectionRequest } from '../contracts/edits';
import { isFailureName, VamgError } from '../contracts/errors';
import { CORRECT_PREFIX, CORRECT_UPDATE, CORRECT_VIDEO_WORKFLOW, taskQueueName, type CorrectionAnswer, type CorrectionDone, type CorrectVideoInput } from '../contracts/messages';
import type { ObjectRef } from '../contracts/object-ref';
import type { AppConfig } from './config';
import type { JobClient } from './job-client';
import { untilAborted } from './until-aborted';

export interface WantedCorrection {
  readonly request: CorrectionRequest;
  /** Where the job is stored; the server is asked when absent. */
  readonly job?: ObjectRef;
  /** The same correction sent twice under one ID is done once; a new ID when absent. */
  readonly correction?: string;
}

export interface CorrectJobOptions {
  readonly jobs: JobClient;
  readonly config: AppConfig;
  readonly artefacts: ArtefactStore | undefined;
}

/** A job that ends, or goes on in a new run, just while it is asked is asked again. */
const TRIES = 20;
const AGAIN_MS = 500;
/** Of an accepted update whose workflow ended before it answered, as a terminated one does. */
const ABANDONED = 'AcceptedUpdateCompletedWorkflow';

/**
 * Correct the result of a job by the update `correct`: a job that runs is asked itself, and answers when its result is there; for one that has
 * ended `correctVideo` is started. Returns when it is done; given up by the signal, it is done all the same.
 * @throws VamgError BadConfig for an edit that does not fit, NotFound without a result, why the job failed; the signal's reason
 */
export async function correctJob(options: CorrectJobOptions, id: string, { request, job, correction = randomUUID() }: WantedCorrection, signal?: AbortSignal): Promise<CorrectionDone> {
  checkRequest(request);
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const answer = await askOnce(options, id, request, job, correction, signal);
    if (answer?.state === 'done') return answer;
    // A job that goes on in a new run can do so any number of times.
    if (answer === null && attempt >= TRIES) throw new VamgError('Internal', `Job ${id} took no corrections; try once more.`);
    await sleep(AGAIN_MS);
  }
}

function checkRequest(request: CorrectionRequest): void {
  try {
    parseCorrection(request);
  } catch (cause) {
    throw cause instanceof RangeError ? new VamgError('BadConfig', cause.message, { cause }) : cause;
  }
}

/** null when it has to be asked once more. */
async function askOnce(options: CorrectJobOptions, id: string, request: CorrectionRequest, job: ObjectRef | undefined, updateId: string, signal: AbortSignal | undefined): Promise<CorrectionAnswer | null> {
  const { jobs } = options;
  // A job whose stored specification is known can be corrected when the server has forgotten it.
  const status = await (job === undefined ? jobs.status(id) : orNull(jobs.status(id)));
  const ask =
    status === 'running'
      ? jobs.handle(id).executeUpdate<CorrectionAnswer, [CorrectionRequest]>(CORRECT_UPDATE, { args: [request], updateId })
      : askEnded(options, id, request, await specRef(options, id, job), updateId);
  try {
    return await untilAborted(jobs.untilAnswered(ask), signal);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const cause = error.cause;
    if (cause instanceof ApplicationFailure && cause.type === ABANDONED) return null;
    if (cause instanceof ApplicationFailure && isFailureName(cause.type)) throw new VamgError(cause.type, cause.message);
    throw new VamgError('Internal', 'The correction failed through a bug; the log of the workers has the details.', { cause: error });
  }
}

async function askEnded({ jobs, config }: CorrectJobOptions, id: string, request: CorrectionRequest, job: ObjectRef, updateId: string): Promise<CorrectionAnswer> {
  const input: CorrectVideoInput = { schemaVersion: 1, job, queuePrefix: config.queuePrefix, heartbeatTimeout: config.temporal.workers.heartbeatTimeout };
  const startWorkflowOperation = new WithStartWorkflowOperation(CORRECT_VIDEO_WORKFLOW, {
    workflowId: `${CORRECT_PREFIX}${id}`,
    taskQueue: taskQueueName(config.queuePrefix, 'control'),
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    memo: { job: job.sha256 },
  });
  return await jobs.client.workflow.executeUpdateWithStart<Workflow, CorrectionAnswer, [CorrectionRequest]>(CORRECT_UPDATE, { args: [request], updateId, startWorkflowOperation });
}

async function specRef({ jobs, artefacts }: CorrectJobOptions, id: string, job: ObjectRef | undefined): Promise<ObjectRef> {
  if (job !== undefined) return job;
  const sha256 = await jobs.specOf(id);
  const stored = sha256 === null ? null : ((await artefacts?.objects.stat(dataKey(sha256))) ?? null);
  if (sha256 === null || stored === null) throw new VamgError('NotFound', `Job ${id} is not in the store; start it again with the same options, and correct it then.`);
  return { key: dataKey(sha256), sha256, bytes: stored.bytes };
}
