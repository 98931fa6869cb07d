import type { WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { ArchiveProgress, SegmentArchiveInput } from '../../../contracts/archive-messages';
import { taskQueueName } from '../../../contracts/messages';
import type { segmentArchive } from '../../../workflows';
import type { FakeArchive } from './fake-archive';

export type ArchiveHandle = WorkflowHandleWithStartDetails<typeof segmentArchive>;

let nextQueue = 0;

/** Input of a run; the queue prefix is different for each call. */
export function archiveInput(overrides: Partial<SegmentArchiveInput> = {}): SegmentArchiveInput {
  return {
    schemaVersion: 1,
    archive: { key: `v1/data/${'c'.repeat(64)}`, sha256: 'c'.repeat(64), bytes: 10 },
    archiveKey: 'd'.repeat(16),
    parallel: 3,
    budget: { videos: null, seconds: null, bytes: null },
    policy: { quarantineAfter: 3, retryQuarantined: false, redoOutdated: false },
    video: { parallel: 2, overlay: false, viewer: false, model: 'm' },
    queuePrefix: `archive-${process.pid}-${nextQueue++}`,
    priorityKey: 4,
    ...overrides,
  };
}

export interface ArchiveWorkerOptions {
  readonly env: TestWorkflowEnvironment;
  readonly workflowBundle: WorkflowBundleOption;
  readonly archive: FakeArchive;
  /** Activities of the videos' own workflow, where the bundle has the real one. */
  readonly stages?: object;
}

/** Workers for the queues of an input; they live as long as `use`. */
export async function withArchiveWorkers<T>({ env, workflowBundle, archive, stages }: ArchiveWorkerOptions, input: SegmentArchiveInput, use: () => Promise<T>): Promise<T> {
  const prefix = input.queuePrefix ?? '';
  const activities = { ...stages, ...archive.activities() };
  const roles = stages === undefined ? (['control', 'media'] as const) : (['control', 'media', 'inference'] as const);
  const workers = await Promise.all(
    roles.map((role) => Worker.create({ connection: env.nativeConnection, taskQueue: taskQueueName(prefix, role), activities, maxHeartbeatThrottleInterval: '200ms', ...(role === 'control' && { workflowBundle }) })),
  );
  const running = workers.map((worker) => worker.run());
  try {
    return await use();
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(running);
  }
}

/** Start a run with workers of its own. */
export async function withArchiveWorkflow<T>(options: ArchiveWorkerOptions, input: SegmentArchiveInput, use: (handle: ArchiveHandle) => Promise<T>): Promise<T> {
  return await withArchiveWorkers(options, input, async () => {
    const prefix = input.queuePrefix ?? '';
    return await use(await options.env.client.workflow.start<typeof segmentArchive>('segmentArchive', { workflowId: `archive-${prefix}`, taskQueue: taskQueueName(prefix, 'control'), args: [input] }));
  });
}

export async function archiveProgress(handle: ArchiveHandle): Promise<ArchiveProgress> {
  return await handle.query<ArchiveProgress>('progress');
}
