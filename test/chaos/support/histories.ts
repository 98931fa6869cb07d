import type { WorkflowHandle } from '@temporalio/client';
import { workflowId } from '../../../workers/job-client';
import type { Cluster } from './cluster';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** Histories of all runs of a job's workflow, the last one first: one, and one more each time it continued as new. */
export async function historiesOf({ client }: Cluster, id: string): Promise<History[]> {
  const runs: History[] = [];
  for (let runId: string | undefined = ''; runId !== undefined; ) {
    const history: History = await client.client.workflow.getHandle(workflowId(id), runId === '' ? undefined : runId).fetchHistory();
    runs.push(history);
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  return runs;
}

/** Attempts of each step of a job that was done: name of the activity -> an entry each time it was called. */
export async function attemptsOf(cluster: Cluster, id: string): Promise<Record<string, number[]>> {
  const attempts: Record<string, number[]> = {};
  for (const { events } of await historiesOf(cluster, id))
    for (const { eventId, activityTaskScheduledEventAttributes: scheduled } of events ?? []) {
      const started = events?.find(({ activityTaskStartedEventAttributes: of }) => of && String(of.scheduledEventId) === String(eventId))?.activityTaskStartedEventAttributes;
      if (scheduled?.activityType?.name && started) (attempts[scheduled.activityType.name] ??= []).push(Number(started.attempt));
    }
  return attempts;
}
