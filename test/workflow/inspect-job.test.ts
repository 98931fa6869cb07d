import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ArtefactStore } from '../../adapters/store/artefact-store';
import { MemoryStore } from '../../adapters/store/memory-store';
import { FAILURES } from '../../contracts/errors';
import type { HeartbeatDetails, WorkerRole } from '../../contracts/messages';
import { resolveSegmentOptions } from '../../contracts/segment-options';
import { loadConfig, type AppConfig } from '../../workers/config';
import { createWorkers } from '../../workers/create-workers';
import type { JobReport } from '../../workers/inspect-job';
import { createJobClient, type JobClient } from '../../workers/job-client';
import { fail, FakeStages, untilCancelled } from './support/fake-stages';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const OPTIONS = resolveSegmentOptions({ planning: { parallel: 3 } });

/** Heartbeats like a real step until `isOver`. */
async function beatUntil(isOver: () => boolean, details: HeartbeatDetails): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details), 100);
  try {
    await Promise.race([eventually(isOver, 100_000), context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}

describe.each([['plain payloads', ''], ['encrypted payloads', `k:${randomBytes(32).toString('base64')}`]])('what is said of a job, with %s', (_what, keys) => {
  const before = process.env['VAMG_PAYLOAD_KEYS'];
  let env: TestWorkflowEnvironment;
  let config: AppConfig;
  let client: JobClient;
  let scratch: string;

  beforeAll(async () => {
    process.env['VAMG_PAYLOAD_KEYS'] = keys;
    scratch = mkdtempSync(path.join(tmpdir(), 'vamg-inspect-'));
    env = await startTestServer();
    config = loadConfig({ VAMG_QUEUE_PREFIX: 'inspect' });
    client = await createJobClient({ config, artefacts: new ArtefactStore(new MemoryStore(), scratch), address: env.address });
  });
  afterAll(async () => {
    await client?.close();
    await env?.teardown();
    rmSync(scratch, { recursive: true, force: true });
    if (before === undefined) delete process.env['VAMG_PAYLOAD_KEYS'];
    else process.env['VAMG_PAYLOAD_KEYS'] = before;
  });

  async function withWorkers<T>(roles: readonly WorkerRole[], stages: FakeStages, use: () => Promise<T>): Promise<T> {
    const activities = Object.fromEntries(roles.map((role) => [role, stages.activities()]));
    const workers = await createWorkers({ config, connection: env.nativeConnection, namespace: 'default', activities, slots: { inference: 2 } });
    const running = workers.map((worker) => worker.run());
    try {
      return await use();
    } finally {
      workers.forEach((worker) => worker.shutdown());
      await Promise.all(running);
    }
  }

  const start = (id: string): Promise<unknown> => client.startJob({ id, spec: { schemaVersion: 1, videoId: 'a'.repeat(64), videoName: 'a.mp4', options: OPTIONS, model: { name: 'm', sha256: 's' }, firstFrameMask: null, prompts: null, codeVersion: '1' } });

  async function inspectUntil(id: string, holds: (report: JobReport) => boolean): Promise<JobReport> {
    let report = await client.inspect(id);
    await eventually(async () => holds((report = await client.inspect(id))), 60_000);
    return report;
  }

  test('which queue nobody works for; who has a chunk and how fast; what failed twice, why, and when it is tried again; what waits', async () => {
    let isOver = false;
    const stages = new FakeStages({
      chunkCount: 4,
      during: async (stage, chunk, attempt) => {
        if (stage !== 'detect') return;
        if (chunk === 0) await beatUntil(() => isOver, { stage: 'detect', chunk: 0, done: 4, total: 10, objects: 1, inferenceMs: 5, perSecond: 0.5, firstFrame: 100, lastFrame: 109 });
        if (chunk === 1 && attempt <= 2) fail('StoreUnavailable', false);
        // Keeps the second slot, so that the third chunk waits, as the second does for its next attempt.
        if (chunk === 1) await eventually(() => isOver, 60_000);
      },
    });
    await start('one');
    expect(await client.inspect('one')).toMatchObject({ workflow: null, chunks: [], idleQueues: [{ role: 'control', taskQueue: 'inspect-control' }] });

    await withWorkers(['control', 'media'], stages, async () => {
      const alone = await inspectUntil('one', ({ chunks }) => chunks.filter(({ step }) => step !== null).length === 3);
      expect(alone.idleQueues).toEqual([{ role: 'inference', taskQueue: 'inspect-inference' }]);
      expect(alone.chunks.map(({ chunk, state, step }) => [chunk, state, step?.step, step?.state])).toEqual([
        [1, 'detecting', 'detect', 'queued'],
        [2, 'detecting', 'detect', 'queued'],
        [3, 'detecting', 'detect', 'queued'],
        [4, 'waiting', undefined, undefined],
      ]);

      await withWorkers(['inference'], stages, async () => {
        const seen = await inspectUntil('one', ({ chunks }) => chunks[1]!.step?.state === 'retrying' && chunks[1]!.step.attempt === 3 && chunks[0]!.step?.done === 4);
        expect(seen.chunks[0]).toMatchObject({ frames: [100, 109], step: { state: 'running', done: 4, total: 10, perSecond: 0.5, secondsLeft: 12, attempt: 1, failure: null } });
        expect(seen.chunks[0]!.step!.worker).toMatch(/^\d+@[^/]+$/);
        expect(seen.chunks[0]!.step!.heartbeatAgo).toBeLessThan(30);
        const { failure } = seen.chunks[1]!.step!;
        expect(failure).toMatchObject({ name: 'StoreUnavailable', message: 'StoreUnavailable on purpose', advice: FAILURES.StoreUnavailable.advice });
        expect(failure!.nextAttemptIn).toBeGreaterThan(0);
        expect(failure!.nextAttemptIn).toBeLessThanOrEqual(4.5);
        // 0.5 of 10 detection frames a second, half the work of one of 4 chunks of 10 frames.
        expect(seen.framesPerSecond).toBeCloseTo(0.25);
        expect(seen.secondsLeft).toBe(Math.round(((1 - seen.fraction) * 40) / seen.framesPerSecond!));
        expect(seen.idleQueues).toEqual([]);

        const third = await inspectUntil('one', ({ chunks }) => chunks[1]!.step?.attempt === 3 && chunks[1]!.step.state === 'running');
        expect(third.chunks[1]!.step).toMatchObject({ failure: { name: 'StoreUnavailable', nextAttemptIn: null } });
        isOver = true;
        await client.wait('one');
        expect(await client.inspect('one')).toMatchObject({ status: 'done', failure: null, idleQueues: [], others: [] });
      });
    });
  });

  test('why a job failed, in which chunk, and what to do', async () => {
    const stages = new FakeStages({ chunkCount: 3, during: async (stage, chunk) => (stage === 'track' && chunk === 1 ? fail('PoisonChunk', true) : undefined) });
    await withWorkers(['control', 'media', 'inference'], stages, async () => {
      await start('two');
      await expect(client.wait('two')).rejects.toMatchObject({ failure: 'PoisonChunk' });
      const failure = { name: 'PoisonChunk', message: 'PoisonChunk on purpose', advice: FAILURES.PoisonChunk.advice, nextAttemptIn: null };
      const report = await client.inspect('two');
      expect(report).toMatchObject({ status: 'failed', failure });
      expect(report.chunks[1]).toMatchObject({ chunk: 2, state: 'failed', step: { step: 'track', state: 'failed', failure } });
      expect(report.chunks.filter(({ state }) => state === 'failed')).toHaveLength(1);
    });
  });

  test('what the failure of another chunk stopped has not failed', async () => {
    const stages = new FakeStages({
      chunkCount: 2,
      during: async (stage, chunk) => {
        if (stage === 'detect' && chunk === 0) await untilCancelled(0, () => undefined);
        if (stage === 'track' && chunk === 1) fail('PoisonChunk', true);
      },
    });
    await withWorkers(['control', 'media', 'inference'], stages, async () => {
      await start('three');
      await expect(client.wait('three')).rejects.toMatchObject({ failure: 'PoisonChunk' });
      expect((await client.inspect('three')).chunks.map(({ chunk, state }) => [chunk, state])).toEqual([[1, 'detecting'], [2, 'failed']]);
    });
  });

  test('a job nobody started is NotFound', async () => await expect(client.inspect('nobody')).rejects.toMatchObject({ failure: 'NotFound' }));
});
