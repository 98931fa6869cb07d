import path from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle } from '../../workers/bundle';
import { VamgError } from '../../contracts/errors';
import { jobFailure } from '../../workers/job-failure';
import { startTestServer } from './support/test-server';
import { fail, FakeStages, untilCancelled } from './support/fake-stages';
import { eventually, progressOf, segmentInput, withSegmentWorkflow } from './support/segment-harness';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('segmentVideo on a real server', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;

  beforeAll(async () => {
    bundle = await workflowBundle(path.join(__dirname, '..', '..'));
    env = await startTestServer();
  });
  afterAll(async () => await env?.teardown());

  test('all stages run once, in order, with no more chunks in flight than allowed', async () => {
    const stages = new FakeStages({ chunkCount: 5, during: () => pause(20) });
    const result = await withSegmentWorkflow(env, bundle, stages, segmentInput({ searchAttributes: true }), async (handle) => {
      const value = await handle.result();
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value])).toContainEqual(['Stage', 'done']);
      expect(await progressOf(handle)).toMatchObject({ phase: 'done', chunks: 'DDDDD', positionsDone: 50, objects: 7, paused: false });
      return value;
    });
    expect(result).toMatchObject({ schemaVersion: 1, objects: 7, frames: 50 });
    expect(stages.maxInFlight).toBe(2);
    for (const [stage, times] of Object.entries({ probe: 1, plan: 1, detect: 5, track: 5, match: 4, resolve: 1, relabel: 5, render: 5, publish: 1, cleanup: 1 })) expect([stage, stages.count(stage)]).toEqual([stage, times]);
    expect(stages.calls.indexOf('match 0')).toBeGreaterThan(stages.calls.indexOf('track 4'));
    expect(stages.calls.indexOf('resolve')).toBeGreaterThan(stages.calls.indexOf('match 3'));
  });

  test('a chunk that goes on is tracked after the one before it, chains side by side, and detection does not wait', async () => {
    const events: string[] = [];
    const stages = new FakeStages({
      chunkCount: 7,
      chains: '|++|++|',
      during: async (stage, chunk) => {
        if (stage === 'detect' || stage === 'track') events.push(`${stage} ${chunk}`);
        await pause(stage === 'track' ? 300 : 1);
        if (stage === 'track') events.push(`end ${chunk}`);
      },
    });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ parallel: 4 }), (handle) => handle.result());
    const at = (event: string): number => events.indexOf(event);
    expect(Math.max(at('track 0'), at('track 3'), at('track 6'))).toBeLessThan(Math.min(at('end 0'), at('end 3'), at('end 6')));
    for (const chunk of [1, 2, 4, 5]) expect([chunk, at(`track ${chunk}`) > at(`end ${chunk - 1}`)]).toEqual([chunk, true]);
    expect(at('detect 1')).toBeLessThan(at('end 0'));
    expect([stages.count('track'), stages.count('match')]).toEqual([7, 2]);
  });

  test('a job without overlay and viewer renders nothing', async () => {
    const stages = new FakeStages({ chunkCount: 1 });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ overlay: false }), (handle) => handle.result());
    expect([stages.count('render'), stages.count('relabel'), stages.count('match')]).toEqual([0, 1, 0]);
  });

  test('a job that only stitches again calls nothing that a network runs in', async () => {
    const stages = new FakeStages({ chunkCount: 3, during: (stage) => pause(stage === 'match' ? 300 : 0) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ stitchOnly: true }), async (handle) => {
      await eventually(() => stages.count('match') > 0);
      expect(await progressOf(handle)).toMatchObject({ phase: 'match', chunks: 'TTT' });
      expect(await handle.result()).toMatchObject({ objects: 7 });
    });
    for (const [stage, times] of Object.entries({ probe: 1, plan: 1, detect: 0, track: 0, match: 2, resolve: 1, relabel: 3, render: 3, publish: 1 })) expect([stage, stages.count(stage)]).toEqual([stage, times]);
  });

  test('a job whose result is in the store ends after the plan', async () => {
    const stages = new FakeStages({ chunkCount: 3, isPublished: true });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
      expect(await handle.result()).toMatchObject({ schemaVersion: 1, objects: 7, frames: 5 });
      expect(await progressOf(handle)).toMatchObject({ phase: 'done', chunks: 'DDD', objects: 7, positionsDone: 30 });
    });
    expect(stages.calls).toEqual(['probe', 'plan']);
  });

  test('while paused nothing new starts, and it goes on after resume', async () => {
    const stages = new FakeStages({ chunkCount: 3, during: (stage) => pause(stage === 'detect' ? 300 : 0) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ parallel: 1 }), async (handle) => {
      await eventually(() => stages.count('detect') === 1);
      await handle.signal('pause');
      await eventually(async () => (await progressOf(handle)).paused);
      await pause(700);
      expect([stages.count('detect'), stages.count('track')]).toEqual([1, 0]);
      await handle.signal('resume');
      await handle.result();
    });
    expect(stages.count('track')).toBe(3);
  });

  test('cancelling waits for what runs, removes checkpoints, and ends as cancelled', async () => {
    const ended: string[] = [];
    const stages = new FakeStages({ chunkCount: 4, during: async (stage, chunk) => (stage === 'detect' ? await untilCancelled(300, () => ended.push(`detect ${chunk}`)) : stage === 'cleanup' ? ended.push('cleanup') : undefined) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
      await eventually(() => stages.count('detect') === 2);
      await handle.cancel();
      const error = await handle.result().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      expect(jobFailure(error)).toMatchObject({ failure: 'Cancelled' });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
    });
    expect(ended.slice(0, 2).sort()).toEqual(['detect 0', 'detect 1']);
    expect(ended[2]).toBe('cleanup');
    expect(stages.count('detect')).toBe(2);
  });

  test('cancelling a paused job ends it', async () => {
    const stages = new FakeStages({ chunkCount: 2, during: (stage) => pause(stage === 'probe' ? 300 : 0) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
      await eventually(() => stages.count('probe') === 1);
      await handle.signal('pause');
      await pause(600);
      await handle.cancel();
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect([stages.count('plan'), stages.count('cleanup')]).toEqual([0, 1]);
  });

  test('a poison chunk stops the job after its neighbours were ended, keeping checkpoints, and names its class', async () => {
    let neighbourEnded = false;
    const stages = new FakeStages({
      chunkCount: 4,
      during: async (stage, chunk) => {
        if (stage !== 'detect') return;
        if (chunk === 1) {
          await pause(300);
          fail('PoisonChunk', true);
        }
        await untilCancelled(100, () => (neighbourEnded = true));
      },
    });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ searchAttributes: true }), async (handle) => {
      const error = await handle.result().catch((reason: unknown) => reason);
      expect(neighbourEnded).toBe(true);
      const cause = (error as WorkflowFailedError).cause;
      expect(cause).toBeInstanceOf(ActivityFailure);
      expect((cause as ActivityFailure).cause).toBeInstanceOf(ApplicationFailure);
      const failure = jobFailure(error);
      expect(failure).toBeInstanceOf(VamgError);
      expect(failure).toMatchObject({ failure: 'PoisonChunk', message: 'PoisonChunk on purpose' });
      expect((await progressOf(handle)).chunks).toMatch(/F/);
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value])).toContainEqual(['FailureClass', 'PoisonChunk']);
    });
    expect([stages.count('detect'), stages.count('cleanup')]).toEqual([2, 0]);
  });

  test('a retryable failure is tried again', async () => {
    const stages = new FakeStages({ chunkCount: 1, during: async (stage, _chunk, attempt) => (stage === 'track' && attempt === 1 ? fail('StoreUnavailable', false) : undefined) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), (handle) => handle.result());
    expect(stages.count('track')).toBe(2);
  });

  test('a damaged artefact makes the job pass over all stages again', async () => {
    let damaged = 1;
    const stages = new FakeStages({ chunkCount: 2, during: async (stage) => (stage === 'resolve' && damaged-- > 0 ? fail('CorruptArtifact', false) : undefined) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), (handle) => handle.result());
    expect([stages.count('detect'), stages.count('resolve'), stages.count('publish')]).toEqual([4, 2, 1]);
  });

  test('an artefact that stays damaged ends the job after three repairs', async () => {
    const stages = new FakeStages({ chunkCount: 1, during: async (stage) => (stage === 'track' ? fail('CorruptArtifact', false) : undefined) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
      expect(jobFailure(await handle.result().catch((reason: unknown) => reason))).toMatchObject({ failure: 'CorruptArtifact' });
    });
    expect(stages.count('track')).toBe(4);
  });

  test('an input over 64 KB is refused by the workflow', async () => {
    const stages = new FakeStages({ chunkCount: 1 });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ videoId: 'x'.repeat(70_000) }), async (handle) => {
      expect(jobFailure(await handle.result().catch((reason: unknown) => reason))).toMatchObject({ failure: 'PayloadTooLarge' });
    });
    expect(stages.calls).toEqual([]);
  });

  test('an activity result over 64 KB is refused on the worker', async () => {
    const stages = new FakeStages({ chunkCount: 1 });
    const activities = stages.activities();
    jest.spyOn(stages, 'activities').mockReturnValue({ ...activities, probe: async () => ({ skipped: false, summary: { note: 'ü'.repeat(33_000) } }) });
    await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
      expect(jobFailure(await handle.result().catch((reason: unknown) => reason))).toMatchObject({ failure: 'PayloadTooLarge' });
    });
  });
});

describe('segmentVideo on a server that asks early to continue as new', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;

  beforeAll(async () => {
    bundle = await workflowBundle(path.join(__dirname, '..', '..'));
    env = await startTestServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60']);
  });
  afterAll(async () => await env?.teardown());

  test('every chunk is processed once although the workflow continues as new several times', async () => {
    const chunkCount = 12;
    const stages = new FakeStages({ chunkCount });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ parallel: 3 }), async (handle) => {
      expect(await handle.result()).toMatchObject({ frames: 120 });
      const runs = new Set<string>();
      await eventually(async () => {
        for await (const run of env.client.workflow.list({ query: `WorkflowId = '${handle.workflowId}'` })) runs.add(run.runId);
        return runs.size > 2;
      });
      expect((await progressOf(handle)).chunks).toBe('D'.repeat(chunkCount));
    });
    for (const [stage, times] of Object.entries({ detect: 12, track: 12, match: 11, relabel: 12, render: 12, publish: 1, cleanup: 1 })) expect([stage, stages.count(stage)]).toEqual([stage, times]);
    expect(stages.maxInFlight).toBeLessThanOrEqual(3);
  });
});
