import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { QUEUE_ROLES, type WorkerRole } from '../contracts/messages';
import type { RunningStep } from './job-progress';

/** A queue that has work for this job, and that nobody asks for work. */
export interface IdleQueue {
  readonly role: WorkerRole;
  readonly taskQueue: string;
}

type Kind = 'activity' | 'workflow';
interface Waiting {
  readonly taskQueue: string;
  readonly kind: Kind;
}

/** TaskQueueType of Temporal's API. */
const QUEUE_TYPE: Readonly<Record<Kind, 1 | 2>> = { workflow: 1, activity: 2 };
/** A worker with a free slot asks at least once a minute. */
const POLL_SECONDS = 90;
/** A worker whose slots are all taken asks for nothing, but its steps are heard of. */
const ALIVE_SECONDS = 60;

/** Queues in which something of the job waits and of which no worker is seen, in the order of the roles. @param isSilent no control worker has answered */
export async function idleQueues(client: Client, namespace: string, description: WorkflowExecutionDescription, steps: readonly RunningStep[], isSilent: boolean): Promise<IdleQueue[]> {
  const idle: IdleQueue[] = [];
  for (const { taskQueue, kind } of waitingQueues(description, steps, isSilent)) {
    const role = QUEUE_ROLES.find((name) => taskQueue.endsWith(`-${name}`));
    if (role === undefined || idle.some((queue) => queue.taskQueue === taskQueue)) continue;
    const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: QUEUE_TYPE[kind] });
    const isPolled = (pollers ?? []).some(({ lastAccessTime }) => Date.now() / 1000 - Number(lastAccessTime?.seconds ?? 0) < POLL_SECONDS);
    if (!isPolled) idle.push({ role, taskQueue });
  }
  return idle.sort((a, b) => QUEUE_ROLES.indexOf(a.role) - QUEUE_ROLES.indexOf(b.role));
}

/** Where something waits while nothing of the same queue is at work. */
export function waitingQueues({ taskQueue, raw }: Pick<WorkflowExecutionDescription, 'taskQueue' | 'raw'>, steps: readonly Pick<RunningStep, 'state' | 'taskQueue' | 'heartbeatAgo'>[], isSilent: boolean): Waiting[] {
  const isAtWork = (queue: string): boolean => steps.some((step) => step.taskQueue === queue && step.state === 'running' && step.heartbeatAgo !== null && step.heartbeatAgo < ALIVE_SECONDS);
  const queued = new Set(steps.filter(({ state }) => state === 'queued').map((step) => step.taskQueue));
  const waiting: Waiting[] = [...queued].filter((queue) => !isAtWork(queue)).map((queue) => ({ taskQueue: queue, kind: 'activity' }));
  const decision = raw.pendingWorkflowTask;
  if (isSilent || (decision !== null && decision !== undefined && (decision.startedTime ?? null) === null)) waiting.push({ taskQueue, kind: 'workflow' });
  return waiting;
}
