import path from 'node:path';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError, type WorkflowUpdateHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { CorrectionRequest } from '../../contracts/edits';
import { CORRECTION_LIMITS, QUEUE_ROLES, taskQueueName, type CorrectionAnswer, type CorrectVideoInput } from '../../contracts/messages';
import { workflowBundle } from '../../workers/bundle';
import { correctedManifest, fail, FakeStages, untilCancelled } from './support/fake-stages';
import { eventually, segmentInput, withSegmentWorkflow, type Handle } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const LABEL: CorrectionRequest = { edits: [{ edit: 'label', id: 1, label: 'dog' }] };
const UNDO: CorrectionRequest = { undo: true };

/** A gate that activities wait at; not for ever, so that a test that fails ends. */
class Gate {
  private open: () => void = () => undefined;
  readonly opened = Promise.race([new Promise<void>((resolve) => (this.open = resolve)), new Promise<void>((resolve) => void setTimeout(resolve, 30_000).unref())]);
  release(): void {
    this.open();
  }
}

type Asked = WorkflowUpdateHandle<CorrectionAnswer>;

describe('corrections', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;

  beforeAll(async () => {
    bundle = await workflowBundle(path.join(__dirname, '..', '..'));
    env = await startTestServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=120']);
  });
  afterAll(async () => await env?.teardown());

  const ask = async (handle: Handle, updateId: string, request: unknown = LABEL): Promise<Asked> => await handle.startUpdate<CorrectionAnswer, [unknown]>('correct', { args: [request], updateId, waitForStage: 'ACCEPTED' });
  const eventsOf = async (workflowId: string): Promise<string[]> => ((await env.client.workflow.getHandle(workflowId).fetchHistory()).events ?? []).map((event) => Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '');

  describe('of a running job', () => {
    test('wait for the result, are done one after the other, and the job gives the corrected result', async () => {
      const gate = new Gate();
      let atOnce = 0;
      let most = 0;
      const stages = new FakeStages({
        chunkCount: 2,
        during: async (stage) => {
          if (stage === 'detect') await gate.opened;
          if (stage !== 'correct') return;
          most = Math.max(most, ++atOnce);
          await pause(50);
          atOnce--;
        },
      });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        await eventually(() => stages.count('detect') > 0);
        const asked: Asked[] = [];
        for (const id of ['one', 'two', 'three']) asked.push(await ask(handle, id, id === 'two' ? UNDO : LABEL));
        expect(stages.count('correct')).toBe(0);
        gate.release();
        const answers = await Promise.all(asked.map((update) => update.result()));
        expect(answers).toMatchObject(['one', 'two', 'three'].map((correction, i) => ({ state: 'done', correction, firstEdit: i + 1, manifest: correctedManifest(i + 1) })));
        expect(await handle.result()).toEqual({ schemaVersion: 1, manifest: correctedManifest(3), objects: 4, frames: 20 });
      });
      expect([stages.corrected, most]).toEqual([['one', 'two', 'three'], 1]);
      expect(stages.calls.indexOf('correct')).toBeGreaterThan(stages.calls.indexOf('publish'));
    });

    test('asked for while the last one is done, are done before the job ends', async () => {
      const gate = new Gate();
      const stages = new FakeStages({ chunkCount: 1, during: (stage) => (stage === 'correct' ? gate.opened : pause(stage === 'detect' ? 300 : 0)) });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        const first = await ask(handle, 'first');
        await eventually(() => stages.count('correct') === 1);
        const second = await ask(handle, 'second');
        gate.release();
        expect([(await first.result()).state, (await second.result()).state]).toEqual(['done', 'done']);
        expect(await handle.result()).toMatchObject({ manifest: correctedManifest(2) });
      });
    });

    test('that are malformed are refused before they are in the history', async () => {
      const gate = new Gate();
      const stages = new FakeStages({ chunkCount: 1, during: (stage) => (stage === 'detect' ? gate.opened : pause(0)) });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        await eventually(() => stages.count('detect') === 1);
        const large = { edits: Array.from({ length: 400 }, () => ({ edit: 'label', id: 1, label: 'x'.repeat(40) })) };
        expect(JSON.stringify(large).length).toBeGreaterThan(CORRECTION_LIMITS.bytes);
        for (const [request, sentence] of [
          [{ edits: [{ edit: 'merge', ids: [8] }] }, 'The correction cannot be used at edits[0].ids: needs two IDs or more.'],
          ['undo', 'A correction is {"edits": […]} or {"undo": true}.'],
          [large, expect.stringContaining('at most 16384 bytes of JSON')],
        ] as const) {
          const refusal: unknown = await handle.executeUpdate('correct', { args: [request], updateId: 'bad' }).catch((error: unknown) => error);
          expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
          expect((refusal as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'BadConfig', message: sentence });
        }
        gate.release();
        await handle.result();
        expect((await eventsOf(handle.workflowId)).filter((name) => name.includes('Update'))).toEqual([]);
      });
      expect(stages.count('correct')).toBe(0);
    });

    test('that do not fit fail with the sentence of the step; the job ends well and names them', async () => {
      const stages = new FakeStages({ chunkCount: 1, during: async (stage) => (stage === 'correct' ? fail('BadConfig', true) : pause(stage === 'detect' ? 300 : 0)) });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        const update = await ask(handle, 'bad');
        await expect(update.result()).rejects.toMatchObject({ cause: { type: 'BadConfig', message: 'BadConfig on purpose' } });
        expect(await handle.result()).toMatchObject({ objects: 7, refusedCorrections: [{ correction: 'bad', reason: 'BadConfig on purpose' }] });
      });
      expect(stages.count('correct')).toBe(1);
    });

    test('fail with the job', async () => {
      const gate = new Gate();
      const stages = new FakeStages({
        chunkCount: 1,
        during: async (stage) => {
          if (stage !== 'detect') return;
          await gate.opened;
          fail('PoisonVideo', true);
        },
      });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        const update = await ask(handle, 'one');
        gate.release();
        await expect(update.result()).rejects.toMatchObject({ cause: { type: 'PoisonVideo', message: 'The job failed (PoisonVideo), so there is no result to correct.' } });
        await expect(handle.result()).rejects.toThrow();
        expect((await handle.describe()).status.name).toBe('FAILED');
      });
    });

    test.each(['detect', 'correct'])('fail when the job is cancelled during %s', async (when) => {
      const stages = new FakeStages({ chunkCount: 1, during: (stage) => (stage === when ? untilCancelled(50, () => undefined) : pause(stage === 'probe' ? 300 : 0)) });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        const update = await ask(handle, 'one');
        await eventually(() => stages.count(when) === 1);
        await handle.cancel();
        await expect(update.result()).rejects.toMatchObject({ cause: { type: 'Cancelled', message: 'The job was cancelled, so nothing was corrected.' } });
        await expect(handle.result()).rejects.toThrow();
        expect((await handle.describe()).status.name).toBe('CANCELLED');
      });
    });

    test('go along when the job continues as new, and whoever asks again is answered', async () => {
      const gate = new Gate();
      const stages = new FakeStages({ chunkCount: 20, during: (stage, chunk) => (stage === 'detect' && chunk === 0 ? gate.opened : pause(stage === 'publish' ? 2000 : 0)) });
      await withSegmentWorkflow(env, bundle, stages, segmentInput({ parallel: 3 }), async (handle) => {
        const asked = [await ask(handle, 'one'), await ask(handle, 'two')];
        gate.release();
        expect(await Promise.all(asked.map((update) => update.result()))).toEqual([{ state: 'waiting', correction: 'one' }, { state: 'waiting', correction: 'two' }]);
        const newest = env.client.workflow.getHandle(handle.workflowId);
        for (let answer: CorrectionAnswer = { state: 'waiting', correction: 'two' }; answer.state === 'waiting'; ) {
          answer = await newest.executeUpdate<CorrectionAnswer, [CorrectionRequest]>('correct', { args: [LABEL], updateId: 'two' });
          if (answer.state === 'done') expect(answer).toMatchObject({ correction: 'two', firstEdit: 2 });
        }
        expect(await newest.result()).toMatchObject({ manifest: correctedManifest(2), objects: 5 });
      });
      expect(stages.corrected).toEqual(['one', 'two']);
      expect(stages.count('detect')).toBe(20);
    });

    test('made of an earlier run\'s result are in the one that is given', async () => {
      const stages = new FakeStages({ chunkCount: 1, isPublished: true, hasCorrections: true });
      await withSegmentWorkflow(env, bundle, stages, segmentInput(), async (handle) => {
        expect(await handle.result()).toEqual({ schemaVersion: 1, manifest: correctedManifest(0), objects: 7, frames: 10 });
      });
      expect(stages.calls).toEqual(['probe', 'plan', 'correct']);
      const again = new FakeStages({ chunkCount: 1, hasCorrections: true });
      await withSegmentWorkflow(env, bundle, again, segmentInput(), async (handle) => void (await handle.result()));
      expect(again.calls.slice(-3)).toEqual(['publish', 'cleanup', 'correct']);
    });
  });

  describe('of a job that has ended', () => {
    const job = { key: `v1/data/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), bytes: 10 };
    let next = 0;

    async function withWorkers(stages: FakeStages, use: (ask: (updateId: string, request?: unknown) => Promise<CorrectionAnswer>, workflowId: string) => Promise<void>, overrides: Partial<CorrectVideoInput> = {}): Promise<void> {
      const queuePrefix = `correct-${process.pid}-${next++}`;
      const workers = await Promise.all(QUEUE_ROLES.map((role) => Worker.create({ connection: env.nativeConnection, taskQueue: taskQueueName(queuePrefix, role), activities: stages.activities(), ...(role === 'control' && { workflowBundle: bundle }) })));
      const running = workers.map((worker) => worker.run());
      const start = () => new WithStartWorkflowOperation('correctVideo', { workflowId: queuePrefix, taskQueue: taskQueueName(queuePrefix, 'control'), args: [{ schemaVersion: 1, job, queuePrefix, ...overrides } satisfies CorrectVideoInput], workflowIdConflictPolicy: 'USE_EXISTING' });
      try {
        await use((updateId, request = LABEL) => env.client.workflow.executeUpdateWithStart('correct', { updateId, args: [request], startWorkflowOperation: start() }) as Promise<CorrectionAnswer>, queuePrefix);
      } finally {
        workers.forEach((worker) => worker.shutdown());
        await Promise.all(running);
      }
    }

    test('are done one after the other by one workflow, which ends when nobody asks', async () => {
      let [atOnce, most] = [0, 0];
      const stages = new FakeStages({
        chunkCount: 1,
        during: async () => {
          most = Math.max(most, ++atOnce);
          await pause(100);
          atOnce--;
        },
      });
      await withWorkers(
        stages,
        async (asking, workflowId) => {
          const ids = ['a', 'b', 'c', 'd'];
          const answers = await Promise.all(ids.map((id) => asking(id)));
          expect(answers.map((answer) => (answer.state === 'done' ? answer.firstEdit : 0)).sort()).toEqual([1, 2, 3, 4]);
          // The same update again is answered from what it was.
          expect(await asking('a')).toEqual(answers[0]);
          const handle = env.client.workflow.getHandle(workflowId);
          await handle.result();
          expect((await handle.describe()).status.name).toBe('COMPLETED');
          expect(await asking('e')).toMatchObject({ state: 'done', firstEdit: 5 });
        },
        { idleMs: 1500 },
      );
      expect([most, stages.corrected.length]).toEqual([1, 5]);
    });

    test('that are malformed leave nothing behind', async () => {
      const stages = new FakeStages({ chunkCount: 1 });
      await withWorkers(stages, async (asking, workflowId) => {
        await asking('good');
        const before = await eventsOf(workflowId);
        await expect(asking('bad', { edits: [] })).rejects.toMatchObject({ cause: { type: 'BadConfig' } });
        expect((await eventsOf(workflowId)).filter((name) => name.includes('Update'))).toEqual(before.filter((name) => name.includes('Update')));
      });
      expect(stages.corrected).toEqual(['good']);
    });

    test('of no job are refused, with what is missing', async () => {
      const stages = new FakeStages({ chunkCount: 1 });
      const nothing = { job: { schemaVersion: 1 } as never };
      await withWorkers(stages, async (asking) => await expect(asking('one')).rejects.toMatchObject({ cause: { type: 'BadConfig', message: expect.stringContaining('the job as its result.json names it') } }), nothing);
      expect(stages.calls).toEqual([]);
    });

    test('go on in a new run when there are many', async () => {
      const stages = new FakeStages({ chunkCount: 1 });
      await withWorkers(stages, async (asking, workflowId) => {
        for (let i = 0; i < 20; i++) {
          let answer = await asking(`update-${i}`);
          while (answer.state === 'waiting') answer = await asking(`update-${i}`);
          expect(answer).toMatchObject({ state: 'done' });
        }
        const handle = env.client.workflow.getHandle(workflowId);
        const { raw, runId } = await handle.describe();
        expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(runId);
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow();
      });
      expect(stages.corrected).toEqual(Array.from({ length: 20 }, (_, i) => `update-${i}`));
    });
  });
});
