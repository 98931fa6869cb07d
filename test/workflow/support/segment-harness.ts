import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandleWithStartDetails } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { QUEUE_ROLES, taskQueueName, type SegmentProgress, type SegmentVideoInput } from '../../../contracts/messages';
import { createPayloadGuard } from '../../../workers/payload-guard';
import type { segmentVideo } from '../../../workflows';
import type { FakeStages } from './fake-stages';

export type Handle = WorkflowHandleWithStartDetails<typeof segmentVideo>;

let nextQueue = 0;

/** Input of a job; the queue prefix is different for each call. */
export function segmentInput(overrides: Partial<SegmentVideoInput> = {}): SegmentVideoInput {
  return {
    schemaVersion: 1,
    job: { key: `v1/data/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), bytes: 10 },
    videoId: 'b'.repeat(64),
    parallel: 2,
    overlay: true,
    viewer: false,
    queuePrefix: `test-${process.pid}-${nextQueue++}`,
    ...overrides,
  };
}

/** Run a workflow against fake activities; workers live as long as `use`. */
export async function withSegmentWorkflow<T>(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  stages: FakeStages,
  input: SegmentVideoInput,
  use: (handle: Handle) => Promise<T>,
): Promise<T> {
  const prefix = input.queuePrefix ?? '';
  const workers = await Promise.all(
    QUEUE_ROLES.map((role) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue: taskQueueName(prefix, role),
        activities: stages.activities(),
        interceptors: { activity: [(context) => ({ inbound: createPayloadGuard(context.info.activityType) })] },
        maxHeartbeatThrottleInterval: '200ms',
        ...(role === 'control' && { workflowBundle }),
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  try {
    const handle = await env.client.workflow.start<typeof segmentVideo>('segmentVideo', { workflowId: `segment-${prefix}`, taskQueue: taskQueueName(prefix, 'control'), args: [input] });
    return await use(handle);
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(running);
  }
}

/** Poll until `check` gives true. */
export async function eventually(check: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function progressOf(handle: Handle): Promise<SegmentProgress> {
  return await handle.query<SegmentProgress>('progress');
}
