import type { Client } from '@temporalio/client';
import { readPayload } from './data-converter';

const PAGE_EVENTS = 500;
const MOST_PAGES = 40;

/**
 * Which chunk each step is about, by activity ID, read from the workflow's history from its end. Steps that have no chunk, or
 * began too long ago, are not in it.
 */
export async function chunksOfSteps(client: Client, namespace: string, execution: { readonly workflowId: string; readonly runId: string }, activityIds: Iterable<string>): Promise<Map<string, number>> {
  const wanted = new Set(activityIds);
  const found = new Map<string, number>();
  let nextPageToken: Uint8Array | undefined;
  for (let page = 0; wanted.size > 0 && page < MOST_PAGES; page++) {
    const response = await client.workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution, maximumPageSize: PAGE_EVENTS, ...(nextPageToken && { nextPageToken }) });
    for (const { activityTaskScheduledEventAttributes: scheduled } of response.history?.events ?? []) {
      const id = scheduled?.activityId ?? '';
      if (!wanted.delete(id)) continue;
      const input = await readPayload<{ chunk?: unknown } | null>(scheduled?.input?.payloads?.[0]).catch(() => null);
      if (Number.isSafeInteger(input?.chunk)) found.set(id, input?.chunk as number);
    }
    nextPageToken = response.nextPageToken ?? undefined;
    if (nextPageToken === undefined || nextPageToken.length === 0) break;
  }
  return found;
}
