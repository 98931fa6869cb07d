import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { ArtefactStore } from '../../adapters/store/artefact-store';
import { MemoryStore } from '../../adapters/store/memory-store';
import type { JobSpec } from '../../contracts/artefacts';
import { QUEUE_ROLES, taskQueueName } from '../../contracts/messages';
import { resolveSegmentOptions } from '../../contracts/segment-options';
import { workflowBundle } from '../../workers/bundle';
import { loadConfig, type AppConfig } from '../../workers/config';
import { createJobClient, type JobClient } from '../../workers/job-client';
import { fail, FakeStages, untilCancelled } from './support/fake-stages';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const spec = (overrides: Partial<JobSpec> = {}): JobSpec => ({ schemaVersion: 1, videoId: 'a'.repeat(64), videoName: 'a.mp4', options: resolveSegmentOptions(), model: { name: 'm', sha256: 's' }, firstFrameMask: null, prompts: null, codeVersion: '1', ...overrides });

describe('the job client', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;
  let client: JobClient;
  let config: AppConfig;
  let scratch: string;

  beforeAll(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'vamg-jobs-'));
    bundle = await workflowBundle(path.join(__dirname, '..', '..'));
    env = await startTestServer();
    config = loadConfig({ VAMG_QUEUE_PREFIX: 'jobs' });
    client = await createJobClient({ config, artefacts: new ArtefactStore(new MemoryStore(), scratch), address: env.address });
    await client.ensureNamespace();
  });
  afterAll(async () => {
    await client?.close();
    await env?.teardown();
    rmSync(scratch, { recursive: true, force: true });
  });

  async function withWorkers(stages: FakeStages, use: () => Promise<void>): Promise<void> {
    const workers = await Promise.all(
      QUEUE_ROLES.map((role) => Worker.create({ connection: env.nativeConnection, taskQueue: taskQueueName('jobs', role), activities: stages.activities(), maxHeartbeatThrottleInterval: '200ms', ...(role === 'control' && { workflowBundle: bundle }) })),
    );
    const running = workers.map((worker) => worker.run());
    try {
      await use();
    } finally {
      workers.forEach((worker) => worker.shutdown());
      await Promise.all(running);
    }
  }

  test('the same job started twice is one job, whose result stands; another job may not take its id', async () => {
    expect(await client.startJob({ spec: spec(), id: 'one' })).toEqual({ id: 'one', outcome: 'started' });
    expect(await client.startJob({ spec: spec(), id: 'one' })).toEqual({ id: 'one', outcome: 'attached' });
    await expect(client.startJob({ spec: spec({ videoId: 'b'.repeat(64) }), id: 'one' })).rejects.toMatchObject({ failure: 'BadConfig' });
    expect(await client.progress('one')).toMatchObject({ status: 'running', fraction: 0 });
    await withWorkers(new FakeStages({ chunkCount: 2 }), async () => {
      expect(await client.wait('one')).toMatchObject({ objects: 7, frames: 20 });
      expect(await client.startJob({ spec: spec(), id: 'one' })).toEqual({ id: 'one', outcome: 'finished' });
      expect(await client.progress('one')).toMatchObject({ status: 'done', fraction: 1, workflow: { chunks: 'DD' } });
    });
  });

  test('a job that failed, and one that was cancelled, can be started again', async () => {
    let isBroken = true;
    const stages = new FakeStages({
      chunkCount: 1,
      during: async (stage) => {
        if (stage === 'detect' && isBroken) fail('PoisonVideo', true);
        if (stage === 'track' && isBroken) await untilCancelled(10, () => undefined);
      },
    });
    await withWorkers(stages, async () => {
      await client.startJob({ spec: spec(), id: 'two' });
      await expect(client.wait('two')).rejects.toMatchObject({ failure: 'PoisonVideo', message: 'PoisonVideo on purpose' });
      expect((await client.progress('two')).status).toBe('failed');
      isBroken = false;
      expect((await client.startJob({ spec: spec(), id: 'two' })).outcome).toBe('started');
      expect(await client.wait('two')).toMatchObject({ objects: 7 });
    });
  });

  test('a running step shows its heartbeat, and cancelling ends the job as Cancelled', async () => {
    const stages = new FakeStages({ chunkCount: 1, during: async (stage) => (stage === 'track' ? await untilCancelled(10, () => undefined) : undefined) });
    await withWorkers(stages, async () => {
      await client.startJob({ spec: spec(), id: 'three' });
      await eventually(async () => (await client.progress('three')).steps[0]?.step === 'track');
      await client.pause('three');
      await eventually(async () => (await client.progress('three')).workflow?.paused === true);
      await client.resume('three');
      await client.cancel('three');
      await expect(client.wait('three')).rejects.toMatchObject({ failure: 'Cancelled' });
      expect((await client.progress('three')).status).toBe('cancelled');
      await client.cancel('three');
      await expect(client.pause('three')).rejects.toMatchObject({ failure: 'NotFound' });
    });
    await eventually(async () => (await client.list()).length === 4);
    expect(new Set((await client.list()).map((job) => `${job.id} ${job.status}`))).toEqual(new Set(['one done', 'two failed', 'two done', 'three cancelled']));
  });

  test('a job nobody started is NotFound, and waiting can be given up', async () => {
    await expect(client.progress('nobody')).rejects.toMatchObject({ failure: 'NotFound' });
    await expect(client.wait('nobody')).rejects.toMatchObject({ failure: 'NotFound' });
    await client.startJob({ spec: spec(), id: 'four' });
    await expect(client.wait('four', AbortSignal.timeout(300))).rejects.toMatchObject({ name: 'TimeoutError' });
    await client.client.workflow.getHandle('segment-four').terminate();
    await expect(client.wait('four')).rejects.toMatchObject({ failure: 'Cancelled' });
  });
});
