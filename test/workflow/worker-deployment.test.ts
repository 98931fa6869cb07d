import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { taskQueueName } from '../../contracts/messages';
import { loadConfig, type AppConfig } from '../../workers/config';
import { createWorkers } from '../../workers/create-workers';
import { FakeStages } from './support/fake-stages';
import { eventually, segmentInput } from './support/segment-harness';
import { startTestServer } from './support/test-server';

/** Workers of `vamg worker --build-id`, which end with `stop`. */
interface Group {
  readonly stop: () => Promise<void>;
}

describe('versions of the workflow code (--build-id)', () => {
  let env: TestWorkflowEnvironment;
  let config: AppConfig;
  const groups: Group[] = [];

  beforeAll(async () => {
    env = await startTestServer();
    config = loadConfig({ VAMG_QUEUE_PREFIX: `deploy-${process.pid}` });
  });
  afterAll(async () => {
    await Promise.all(groups.map((group) => group.stop()));
    await env?.teardown();
  });

  async function start(activities: Parameters<typeof createWorkers>[0]['activities'], buildId?: string): Promise<Group> {
    const workers = await createWorkers({ config, connection: env.nativeConnection, namespace: 'default', activities, slots: { inference: 3 }, ...(buildId !== undefined && { buildId }) });
    const running = workers.map((worker) => worker.run());
    const group = {
      stop: async () => {
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
        await Promise.all(running);
      },
    };
    groups.push(group);
    return group;
  }

  /** As `temporal worker deployment set-current-version`; the version is known once its worker polls. */
  async function setCurrent(buildId: string): Promise<void> {
    const request = { namespace: 'default', deploymentName: config.temporal.workers.deployment, buildId, identity: 'test' };
    await eventually(() => env.connection.workflowService.setWorkerDeploymentCurrentVersion(request).then(() => true, () => false), 30_000);
  }

  const startJob = (workflowId: string): Promise<WorkflowHandle> =>
    env.client.workflow.start('segmentVideo', { workflowId, taskQueue: taskQueueName(config.queuePrefix, 'control'), args: [segmentInput({ queuePrefix: config.queuePrefix })] });

  async function buildOf(handle: WorkflowHandle): Promise<string | null | undefined> {
    const { raw } = await handle.describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  }

  test('a job stays on the version it started on, a new one starts on the current one, one without a version goes over to the current one, and all use the same media and inference workers', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const stages = new FakeStages({ chunkCount: 1, during: (stage) => (stage === 'track' ? gate : Promise.resolve()) });
    const activities = stages.activities();
    try {
      await start({ media: activities, inference: activities });
      const unversioned = await start({ control: activities });
      const oldest = await startJob('started-without-version');
      await eventually(() => stages.count('track') === 1, 30_000);
      await start({ control: activities }, 'v1');
      await setCurrent('v1');
      await unversioned.stop();
      const before = await startJob('started-on-v1');
      await eventually(() => stages.count('track') === 2, 30_000);
      await start({ control: activities }, 'v2');
      await setCurrent('v2');
      const after = await startJob('started-on-v2');
      await eventually(() => stages.count('track') === 3, 30_000);
      open();
      await Promise.all([oldest.result(), before.result(), after.result()]);
      expect([await buildOf(oldest), await buildOf(before), await buildOf(after)]).toEqual(['v2', 'v1', 'v2']);
    } finally {
      open();
    }
  });
});
