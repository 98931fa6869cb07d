import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { VamgError } from '../contracts/errors';
import { PAUSE_SIGNAL, RESUME_SIGNAL } from '../contracts/messages';
import { jobStatus, type JobStatus } from './job-progress';

export interface JobListing {
  readonly id: string;
  readonly status: JobStatus;
  readonly startedAt: Date;
  readonly closedAt: Date | null;
}

export interface OpenRun {
  /** sha256 of the stored specification; null when the workflow does not say. */
  readonly spec: string | null;
  /** Of its latest run: a workflow that continues as new starts again and again. */
  readonly startedAt: Date;
}

/** What of the server's workflows is meant. */
export interface WorkflowKind {
  /** Name of the workflow function. */
  readonly type: string;
  /** A workflow's ID is this and the user's. */
  readonly prefix: string;
  /** The whole ID. @throws VamgError BadConfig for an ID that cannot be one */
  readonly workflowId: (id: string) => string;
}

/** Steer and list workflows of one kind by the user's IDs. */
export class WorkflowRuns {
  constructor(
    readonly client: Client,
    private readonly kind: WorkflowKind,
  ) {}

  /** Start nothing new until `resume`; what runs goes on. @throws VamgError NotFound */
  async pause(id: string): Promise<void> {
    await orNotFound(id, this.handle(id).signal(PAUSE_SIGNAL));
  }

  /** @throws VamgError NotFound */
  async resume(id: string): Promise<void> {
    await orNotFound(id, this.handle(id).signal(RESUME_SIGNAL));
  }

  /** Ask it to stop and to clear away what it was doing. Does nothing to what has ended. @throws VamgError NotFound */
  async cancel(id: string): Promise<void> {
    await orNotFound(id, this.handle(id).cancel());
  }

  /** How the server has it, without asking the workers, who may be gone. @throws VamgError NotFound */
  async status(id: string): Promise<JobStatus> {
    return jobStatus((await orNotFound(id, this.handle(id).describe())).status.name);
  }

  /** Newest first. */
  async list(limit = 100): Promise<JobListing[]> {
    const { type, prefix } = this.kind;
    const found: JobListing[] = [];
    for await (const info of this.client.workflow.list({ query: `WorkflowType = '${type}'` })) {
      if (info.status.name !== 'CONTINUED_AS_NEW' && info.workflowId.startsWith(prefix))
        found.push({ id: info.workflowId.slice(prefix.length), status: jobStatus(info.status.name), startedAt: info.startTime, closedAt: info.closeTime ?? null });
      if (found.length >= limit) break;
    }
    return found;
  }

  /** What runs now. A job's specification is known by its sha256 where its workflow says it. */
  async *open(): AsyncGenerator<OpenRun> {
    for await (const { memo, startTime } of this.client.workflow.list({ query: `WorkflowType = '${this.kind.type}' AND ExecutionStatus = 'Running'` })) {
      const spec = memo?.['job'] ?? memo?.['archive'];
      yield { spec: typeof spec === 'string' ? spec : null, startedAt: startTime };
    }
  }

  handle(id: string): WorkflowHandle {
    return this.client.workflow.getHandle(this.kind.workflowId(id));
  }
}

/** A workflow that is not there as an error for the user. */
export async function orNotFound<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new VamgError('NotFound', `There is no job "${id}", or it has ended; \`vamg list\` shows what there is.`);
    throw error;
  }
}
