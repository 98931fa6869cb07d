import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { MAX_FAILURES_IN_ROW, type SegmentArchiveInput } from '../../contracts/archive-messages';
import { taskQueueName } from '../../contracts/messages';
import { workflowBundle } from '../../workers/bundle';
import { jobFailure } from '../../workers/job-failure';
import { archiveInput, archiveProgress, withArchiveWorkers, withArchiveWorkflow, type ArchiveHandle } from './support/archive-harness';
import { FakeArchive, type FakeVideo } from './support/fake-archive';
import { FakeStages } from './support/fake-stages';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const ROOT = path.join(__dirname, '..', '..');
const videos = (count: number, does: (i: number) => string = () => 'ok'): FakeVideo[] => Array.from({ length: count }, (_, i) => ({ name: `v${String(i).padStart(3, '0')}`, does: does(i) }));

async function bundleFakes(): Promise<WorkflowBundleOption> {
  const silent = (): void => undefined;
  return await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, 'support', 'archive-workflows.ts'),
    workflowInterceptorModules: [path.join(ROOT, 'workflows', 'interceptors.ts')],
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  });
}

describe('segmentArchive on a real server', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;

  beforeAll(async () => {
    bundle = await bundleFakes();
    env = await startTestServer();
  });
  afterAll(async () => await env?.teardown());

  const statusOf = async (id: string): Promise<string> => await env.client.workflow.getHandle(id).describe().then(({ status }) => status.name, () => 'none');

  /** Signals that a video's workflow heard; none while it has not begun, which the run may know of first. */
  const heardBy = async (workflowId: string): Promise<string[]> => await env.client.workflow.getHandle(workflowId).query<string[]>('heard').catch(() => []);

  const run = async <T>(archive: FakeArchive, input: Partial<SegmentArchiveInput>, use: (handle: ArchiveHandle) => Promise<T>): Promise<T> => await withArchiveWorkflow({ env, workflowBundle: bundle, archive }, archiveInput(input), use);

  test('failures do not end a run: each is recorded with its name, the others are published', async () => {
    const does: Readonly<Record<number, string>> = { 1: 'fail:PoisonVideo', 2: 'fail:InferenceFailed', 3: 'prepare:quarantined', 4: 'prepare:skipped', 5: 'prepare:still-quarantined', 6: 'prepare:gone', 7: 'prepare:!Internal' };
    const archive = new FakeArchive(videos(10, (i) => does[i] ?? 'ok'), { pageSize: 4 });
    const result = await run(archive, {}, (handle) => handle.result());
    expect(result).toMatchObject({ endedBy: 'end', night: null, counts: { done: 3, skipped: 3 + 1, failed: 2, quarantined: 2, stillQuarantined: 1, busy: 0, left: 0, passedOver: 6 + 1 } });
    expect(archive.done.sort()).toEqual(['v000', 'v008', 'v009']);
    expect(archive.failures.map(({ failure, reason, jobId }) => [failure, reason, jobId]).sort()).toEqual([
      ['InferenceFailed', 'InferenceFailed on purpose', 'v002'],
      ['Internal', 'Internal on purpose', null],
      ['PoisonVideo', 'PoisonVideo on purpose', 'v001'],
    ]);
    expect(archive.reports).toHaveLength(1);
    expect(archive.reports[0]).toMatchObject({ endedBy: 'end', counts: result.counts, failure: null });
  });

  test('the budget ends a run after the video that goes over it; the rest is counted', async () => {
    const archive = new FakeArchive(videos(20), { pageSize: 8 });
    const byHours = await run(archive, { parallel: 1, budget: { videos: null, seconds: 150, bytes: null } }, (handle) => handle.result());
    expect(byHours).toMatchObject({ endedBy: 'budget', counts: { done: 3, left: 17, skipped: 3 } });
    expect(archive.done).toEqual(['v000', 'v001', 'v002']);
    expect(archive.reports[0]).toMatchObject({ spent: { videos: 3, seconds: 180, bytes: 3000 } });
    const byCount = new FakeArchive(videos(5));
    expect(await run(byCount, { parallel: 4, budget: { videos: 2, seconds: null, bytes: null } }, (handle) => handle.result())).toMatchObject({ endedBy: 'budget', counts: { done: 2, left: 3 } });
  });

  test('a wrong set-up ends the run as failed, with a report, after the videos at work', async () => {
    const archive = new FakeArchive(videos(40, (i) => (i === 1 ? 'fail:BadConfig' : 'sleep:300')));
    const error = await run(archive, { parallel: 2 }, (handle) => handle.result().catch((reason: unknown) => reason));
    expect(jobFailure(error)).toMatchObject({ failure: 'BadConfig', message: 'BadConfig on purpose' });
    expect(archive.done).toContain('v000');
    expect(archive.prepared.length).toBeLessThan(10);
    expect(archive.reports).toMatchObject([{ endedBy: 'failure', failure: { failure: 'BadConfig' } }]);
  });

  test('when one video after another fails for reasons that are not theirs, the run ends before all are in quarantine', async () => {
    const archive = new FakeArchive(videos(40, () => 'fail:InferenceFailed'));
    const error = await run(archive, { parallel: 1 }, (handle) => handle.result().catch((reason: unknown) => reason));
    expect(jobFailure(error)).toMatchObject({ failure: 'InferenceFailed', message: expect.stringContaining('5 videos in a row') as string });
    expect(archive.failures).toHaveLength(MAX_FAILURES_IN_ROW);
    const poison = new FakeArchive(videos(12, () => 'fail:PoisonVideo'));
    expect(await run(poison, {}, (handle) => handle.result())).toMatchObject({ endedBy: 'end', counts: { quarantined: 12 } });
  });

  test('cancelling cancels the videos at work, waits for them and reports', async () => {
    const archive = new FakeArchive(Array.from({ length: 10 }, (_, i) => ({ name: `keep-${i}`, does: i === 0 ? 'ok' : 'hold' })));
    await run(archive, { parallel: 2 }, async (handle) => {
      await eventually(async () => (await statusOf('segment-keep-1')) === 'RUNNING' && (await statusOf('segment-keep-2')) === 'RUNNING');
      await handle.cancel();
      expect(jobFailure(await handle.result().catch((reason: unknown) => reason))).toMatchObject({ failure: 'Cancelled' });
      for (const id of ['segment-keep-1', 'segment-keep-2']) expect([id, await statusOf(id)]).toEqual([id, 'CANCELLED']);
    });
    expect(archive.failures).toEqual([]);
    expect(archive.reports).toMatchObject([{ endedBy: 'cancelled', counts: { done: 1 } }]);
  });

  test('one video that is cancelled alone is tried again in the next run, and this one goes on', async () => {
    const archive = new FakeArchive([{ name: 'alone-1', does: 'hold' }, { name: 'alone-2', does: 'ok' }]);
    await run(archive, {}, async (handle) => {
      await eventually(async () => (await statusOf('segment-alone-1')) === 'RUNNING');
      await env.client.workflow.getHandle('segment-alone-1').cancel();
      expect(await handle.result()).toMatchObject({ counts: { done: 1, failed: 1 } });
    });
    expect(archive.failures).toMatchObject([{ failure: 'Cancelled' }]);
  });

  test('while paused nothing new starts, and the videos at work are told', async () => {
    const archive = new FakeArchive([{ name: 'pause-1', does: 'paused' }, ...videos(5)]);
    await run(archive, { parallel: 1 }, async (handle) => {
      await eventually(async () => (await archiveProgress(handle)).atWork.includes('pause-1'));
      await handle.signal('pause');
      await eventually(async () => (await heardBy('segment-pause-1')).includes('pause'));
      expect(await archiveProgress(handle)).toMatchObject({ paused: true, counts: { done: 0 } });
      await handle.signal('resume');
      expect(await handle.result()).toMatchObject({ counts: { done: 6 } });
    });
  });

  test('the same job twice runs once at a time; one that somebody else runs is waited for', async () => {
    const archive = new FakeArchive([{ name: 'twin-1', does: 'sleep:500', jobId: 'twin' }, { name: 'twin-2', does: 'ok', jobId: 'twin' }, { name: 'elsewhere', does: 'ok' }]);
    const input = archiveInput({ parallel: 3 });
    await withArchiveWorkers({ env, workflowBundle: bundle, archive }, input, async () => {
      const taskQueue = taskQueueName(input.queuePrefix ?? '', 'control');
      const other = { schemaVersion: 1, job: input.archive, videoId: 'sleep:1500', parallel: 1, overlay: false, viewer: false };
      await env.client.workflow.start('segmentVideo', { workflowId: 'segment-elsewhere', taskQueue, args: [other] });
      const handle = await env.client.workflow.start('segmentArchive', { workflowId: 'archive-twins', taskQueue, args: [input] });
      expect(await handle.result()).toMatchObject({ counts: { done: 3, busy: 0 } });
    });
    expect(archive.done).toHaveLength(3);
  });

  test('a stored file that turns out to be damaged is made again in the same run, once', async () => {
    const archive = new FakeArchive([{ name: 'damaged-1', does: 'ok', damaged: 1 }, { name: 'damaged-2', does: 'ok', damaged: 9 }, { name: 'damaged-3', does: 'ok' }]);
    expect(await run(archive, {}, (handle) => handle.result())).toMatchObject({ counts: { done: 2, failed: 1 } });
    expect([...archive.published].sort()).toEqual([['damaged-1', 2], ['damaged-2', 2], ['damaged-3', 1]]);
    expect(archive.failures).toMatchObject([{ failure: 'CorruptArtifact', jobId: 'damaged-2' }]);
  });

  test('with the real workflow of a video every stage runs, and its job carries its hash', async () => {
    const archive = new FakeArchive([{ name: 'real', does: 'b'.repeat(64) }]);
    const stages = new FakeStages({ chunkCount: 2 });
    const input = archiveInput({ searchAttributes: true });
    const result = await withArchiveWorkflow({ env, workflowBundle: await workflowBundle(ROOT), archive, stages: stages.activities() }, input, (handle) => handle.result());
    expect(result).toMatchObject({ counts: { done: 1 } });
    expect([stages.count('probe'), stages.count('track'), stages.count('publish')]).toEqual([1, 2, 1]);
    const { memo, typedSearchAttributes } = await env.client.workflow.getHandle('segment-real').describe();
    expect(memo).toEqual({ job: 'a'.repeat(64) });
    expect(typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value])).toContainEqual(['VideoId', 'b'.repeat(64)]);
  });
});

describe('segmentArchive on a server that asks early to continue as new', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;

  beforeAll(async () => {
    bundle = await bundleFakes();
    env = await startTestServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=600']);
  });
  afterAll(async () => await env?.teardown());

  test('300 videos are each processed once, in several runs of the workflow, with a bounded number at work', async () => {
    const archive = new FakeArchive(videos(300, (i) => (i % 50 === 7 ? 'fail:PoisonVideo' : 'ok')), { pageSize: 70 });
    await withArchiveWorkflow({ env, workflowBundle: bundle, archive }, archiveInput({ parallel: 8 }), async (handle) => {
      expect(await handle.result()).toMatchObject({ endedBy: 'end', counts: { done: 294, quarantined: 6, skipped: 5 } });
      const lengths: number[] = [];
      await eventually(async () => {
        lengths.length = 0;
        for await (const one of env.client.workflow.list({ query: `WorkflowId = '${handle.workflowId}'` })) lengths.push(one.historyLength);
        return lengths.length > 3;
      });
      expect(Math.max(...lengths)).toBeLessThan(1200);
    });
    expect(new Set(archive.done).size).toBe(294);
    expect(archive.done).toHaveLength(294);
    expect(archive.prepared).toHaveLength(300);
    expect(archive.pages).toBe(5);
    expect(archive.maxInFlight).toBeLessThanOrEqual(8);
    expect(archive.reports).toHaveLength(1);
  });
});
