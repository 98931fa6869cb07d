import type { Client } from '@temporalio/client';

/** What the server keeps of a workflow, over all runs that continue-as-new made of it. */
export interface HistoryFigures {
  readonly runs: number;
  readonly events: number;
  readonly bytes: number;
  /** Of one run. */
  readonly mostEvents: number;
  readonly mostBytes: number;
  /** Largest payload of any event, bytes. */
  readonly largestPayload: number;
  /** Activities that were called, by name, and how many of them said that there was nothing to do. */
  readonly calls: Readonly<Record<string, { readonly called: number; readonly skipped: number }>>;
  /** Names of the worker processes that did chunks. */
  readonly inferenceWorkers: readonly string[];
}

interface RawEvent {
  readonly eventId?: unknown;
  readonly eventTime?: { readonly seconds?: unknown; readonly nanos?: number | null } | null;
  readonly activityTaskScheduledEventAttributes?: { readonly activityType?: { readonly name?: string | null } | null } | null;
  readonly activityTaskStartedEventAttributes?: { readonly scheduledEventId?: unknown; readonly identity?: string | null } | null;
  readonly activityTaskCompletedEventAttributes?: { readonly scheduledEventId?: unknown; readonly result?: { readonly payloads?: readonly { readonly data?: Uint8Array | null }[] | null } | null } | null;
  readonly workflowExecutionContinuedAsNewEventAttributes?: { readonly newExecutionRunId?: string | null } | null;
}

/** Reads all runs of a workflow from the server. */
export async function historyFigures(client: Client, workflowId: string): Promise<HistoryFigures> {
  const inferenceWorkers = new Set<string>();
  const figures = { runs: 0, events: 0, bytes: 0, mostEvents: 0, mostBytes: 0, largestPayload: 0, calls: {} as Record<string, { called: number; skipped: number }> };
  for await (const events of runsOf(client, workflowId)) {
    const { raw } = await client.workflow.getHandle(workflowId, events.runId).describe();
    const [length, bytes] = [Number(raw.workflowExecutionInfo?.historyLength), Number(raw.workflowExecutionInfo?.historySizeBytes)];
    figures.runs++;
    figures.events += length;
    figures.bytes += bytes;
    figures.mostEvents = Math.max(figures.mostEvents, length);
    figures.mostBytes = Math.max(figures.mostBytes, bytes);
    const scheduled = new Map<string, string>();
    for (const event of events) {
      figures.largestPayload = Math.max(figures.largestPayload, largestPayload(event));
      const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
      if (typeof name === 'string') scheduled.set(String(event.eventId), name);
      const started = event.activityTaskStartedEventAttributes;
      if (started && ['detect', 'track'].includes(scheduled.get(String(started.scheduledEventId))!)) inferenceWorkers.add(String(started.identity));
      const completed = event.activityTaskCompletedEventAttributes;
      if (completed) count(figures.calls, scheduled.get(String(completed.scheduledEventId))!, completed.result?.payloads?.[0]?.data);
    }
  }
  return { ...figures, inferenceWorkers: [...inferenceWorkers] };
}

type RunEvents = readonly RawEvent[] & { readonly runId: string };

/** Events of each run of a workflow, the oldest first. */
async function* runsOf(client: Client, workflowId: string): AsyncGenerator<RunEvents> {
  const newest = await client.workflow.getHandle(workflowId).describe();
  let runId: string | null = newest.raw.workflowExecutionInfo?.firstRunId ?? newest.runId;
  while (runId !== null) {
    const events = ((await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? []) as RawEvent[];
    yield Object.assign(events, { runId });
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? null;
  }
}

function count(calls: Record<string, { called: number; skipped: number }>, name: string, result: Uint8Array | null | undefined): void {
  const of = (calls[name] ??= { called: 0, skipped: 0 });
  of.called++;
  const value = result ? (JSON.parse(Buffer.from(result).toString()) as { skipped?: boolean } | null) : null;
  if (value?.skipped === true) of.skipped++;
}

/** Length of the longest `data` anywhere below an event. */
function largestPayload(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  return Object.entries(value).reduce((most, [name, below]) => Math.max(most, name === 'data' && below instanceof Uint8Array ? below.length : largestPayload(below)), 0);
}

/** Seconds from when the first detect of a workflow could start to when the last track was done; all runs. */
export async function chunkPhaseSeconds(client: Client, workflowId: string): Promise<number> {
  let [first, last] = [Infinity, 0];
  for await (const events of runsOf(client, workflowId)) {
    const scheduled = new Map<string, string>();
    for (const event of events) {
      const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
      if (typeof name === 'string') scheduled.set(String(event.eventId), name);
      if (name === 'detect') first = Math.min(first, secondsOf(event));
      if (scheduled.get(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)) === 'track') last = Math.max(last, secondsOf(event));
    }
  }
  return last - first;
}

function secondsOf({ eventTime }: RawEvent): number {
  return Number(eventTime?.seconds) + Number(eventTime?.nanos ?? 0) / 1e9;
}
