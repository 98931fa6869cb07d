import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { SegmentProgress } from '../../../contracts/messages';
import { progressFraction, runningSteps } from '../../../workers/job-progress';

/** A description in which tracking runs; its heartbeat holds `details`, or there was none yet. */
function tracking(...details: unknown[]): WorkflowExecutionDescription {
  const payloads = details.map((value) => defaultPayloadConverter.toPayload(value));
  return { raw: { pendingActivities: [{ activityType: { name: 'track' }, attempt: 1, ...(payloads.length > 0 && { heartbeatDetails: { payloads } }) }] } } as unknown as WorkflowExecutionDescription;
}

const half = { done: 5, total: 10 };

test.each([
  ['before the first heartbeat', tracking(), null, 0.25],
  ['after a heartbeat that says nothing', tracking(undefined), null, 0.25],
  ['after a heartbeat in the middle', tracking(half), half, 0.375],
])('progress %s', async (_when, description, details, fraction) => {
  const steps = await runningSteps(description);
  expect(steps).toMatchObject([{ step: 'track', attempt: 1, details }]);
  expect(progressFraction('running', { chunkCount: 2, chunks: 't.' } as SegmentProgress, steps)).toBe(fraction);
});
