import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { ArtefactStore, dataKey } from '../../adapters/store/artefact-store';
import { cleanStore } from '../../adapters/store/clean-store';
import { sha256Hex } from '../../adapters/store/hash-file';
import { MemoryStore } from '../../adapters/store/memory-store';
import { jobSpecSchema, type JobSpec } from '../../contracts/artefacts';
import { archiveSpecSchema, type ArchiveSpec } from '../../contracts/archive';
import type { SegmentArchiveInput } from '../../contracts/archive-messages';
import { resolveSegmentOptions } from '../../contracts/segment-options';
import { canonicalJson } from '../../core/pipeline/canonical-json';
import { ArchiveClient, archiveInput } from '../../workers/archive-client';
import { loadConfig } from '../../workers/config';
import { createJobClient, type JobClient } from '../../workers/job-client';
import type { WorkflowRuns } from '../../workers/workflow-runs';
import { withArchiveWorkers } from './support/archive-harness';
import { FakeArchive } from './support/fake-archive';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const PREFIX = 'clients';
const spec: ArchiveSpec = { schemaVersion: 1, source: 'file:///films', dest: 'file:///out', options: resolveSegmentOptions(), model: { name: 'm', sha256: 's' } };
const settings = { parallel: 2, budget: { videos: null, seconds: null, bytes: null }, policy: { quarantineAfter: 3, retryQuarantined: false, redoOutdated: false }, priority: 4 };

describe('the client of archive runs', () => {
  let env: TestWorkflowEnvironment;
  const config = loadConfig({ VAMG_QUEUE_PREFIX: PREFIX });
  let bundle: WorkflowBundleOption;
  let jobs: JobClient;
  let archives: ArchiveClient;
  let scratch: string;
  let artefacts: ArtefactStore;

  beforeAll(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'vamg-archives-'));
    const silent = (): void => undefined;
    bundle = await bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'support', 'archive-workflows.ts'), logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent } });
    env = await startTestServer();
    artefacts = new ArtefactStore(new MemoryStore(), scratch);
    jobs = await createJobClient({ config, artefacts, address: env.address });
    archives = new ArchiveClient(jobs, PREFIX);
  });
  afterAll(async () => {
    await jobs?.close();
    await env?.teardown();
    rmSync(scratch, { recursive: true, force: true });
  });

  const input = async (change: Partial<ArchiveSpec> = {}): Promise<SegmentArchiveInput> => await archiveInput({ ...spec, ...change }, settings, { artefacts, config, searchAttributes: false });

  test('the archive is in the store, and the input names it without a path', async () => {
    const made = await input();
    expect(await artefacts.readJson(made.archive, archiveSpecSchema)).toEqual(spec);
    expect(JSON.stringify(made)).not.toContain('films');
    expect((await input({ dest: 'file:///other' })).archiveKey).not.toBe(made.archiveKey);
  });

  test('a run that is on its way is joined, another archive may not take its id, and a finished run starts again', async () => {
    expect(await archives.start('one', await input())).toBe('started');
    expect(await archives.start('one', await input())).toBe('attached');
    await expect(archives.start('one', await input({ dest: 'file:///other' }))).rejects.toMatchObject({ failure: 'BadConfig' });
    const archive = new FakeArchive([{ name: 'client-1', does: 'sleep:500' }]);
    await withArchiveWorkers({ env, workflowBundle: bundle, archive }, await input(), async () => {
      await eventually(async () => (await archives.progress('one')).workflow?.atWork.includes('client-1') === true);
      expect(await archives.wait('one')).toMatchObject({ counts: { done: 1 } });
      expect(await archives.progress('one')).toMatchObject({ status: 'done', videos: [], workflow: { phase: 'done', counts: { done: 1 } } });
      expect(await archives.start('one', await input())).toBe('started');
      await archives.wait('one');
    });
    expect(archive.done).toEqual(['client-1', 'client-1']);
    await eventually(async () => (await archives.list()).length === 2);
    expect((await jobs.list()).map(({ id, status }) => `${id} ${status}`)).toEqual(['client-1 done', 'client-1 done']);
  });

  test('what has not ended is found with its specification, which cleaning the store keeps', async () => {
    const job: JobSpec = { schemaVersion: 1, videoId: 'a'.repeat(64), videoName: 'a.mp4', options: resolveSegmentOptions(), model: { name: 'm', sha256: 's' }, firstFrameMask: null, prompts: null, codeVersion: '1' };
    await jobs.startJob({ spec: job, id: 'open-1' });
    const run = await input({ dest: 'file:///open' });
    await archives.start('open-2', run);
    const open = async (runs: WorkflowRuns): Promise<(string | null)[]> => {
      const specs: (string | null)[] = [];
      for await (const { spec: sha256 } of runs.open()) specs.push(sha256);
      return specs;
    };
    const stored = sha256Hex(canonicalJson(jobSpecSchema.parse(job)));
    await eventually(async () => (await open(jobs)).join() === stored && (await open(archives)).join() === run.archive.sha256);
    await jobs.cancel('open-1');
    await archives.cancel('open-2');
    await withArchiveWorkers({ env, workflowBundle: bundle, archive: new FakeArchive([]) }, run, async () => await eventually(async () => (await open(archives)).length === 0));
    const before = Date.now() + 60_000;
    await cleanStore(artefacts, { beforeMs: before, keep: new Set([stored]) });
    expect([await artefacts.objects.exists(dataKey(stored)), await artefacts.objects.exists(run.archive.key)]).toEqual([true, true]);
  });

  test('pause, resume, cancel; nobody\'s run is NotFound', async () => {
    const archive = new FakeArchive([{ name: 'client-2', does: 'hold' }]);
    await withArchiveWorkers({ env, workflowBundle: bundle, archive }, await input(), async () => {
      await archives.start('two', await input());
      await eventually(async () => (await archives.progress('two')).workflow?.atWork.length === 1);
      await archives.pause('two');
      await eventually(async () => (await archives.progress('two')).workflow?.paused === true);
      await archives.resume('two');
      await archives.cancel('two');
      await expect(archives.wait('two')).rejects.toMatchObject({ failure: 'Cancelled' });
      expect((await archives.progress('two')).status).toBe('cancelled');
    });
    expect([await archives.exists('two'), await archives.exists('nobody'), await archives.exists('../x')]).toEqual([true, false, false]);
    for (const work of [() => archives.progress('nobody'), () => archives.pause('nobody'), () => archives.wait('nobody')]) await expect(work()).rejects.toMatchObject({ failure: 'NotFound' });
  });
});
