import path from 'node:path';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { readCorrections } from '../../adapters/results/corrected-result';
import type { CorrectInput } from '../../contracts/activity-types';
import { jobSpecSchema, type JobSpec } from '../../contracts/artefacts';
import type { CorrectionRequest, TrailLine } from '../../contracts/edits';
import { QUEUE_ROLES, taskQueueName } from '../../contracts/messages';
import { maskLineSchema, resultManifestSchema } from '../../contracts/pipeline-artefacts';
import { writeViewer } from '../../viewer/write-viewer';
import { workflowBundle } from '../../workers/bundle';
import { loadConfig } from '../../workers/config';
import { createJobClient, type JobClient } from '../../workers/job-client';
import { summariseResult } from '../../workers/summarise-result';
import { ActivityWorld } from '../unit/activities/activity-world';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const label = (text: string): CorrectionRequest => ({ edits: [{ edit: 'label', id: 1, label: text }] });

/** The real steps over a store in memory, with a network that is made up, behind a real server. */
describe('correcting a job through its client', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;
  let world: ActivityWorld;
  let client: JobClient;
  let spec: JobSpec;
  let workers: Worker[];
  let running: Promise<void>[];
  /** Called by the step `correct` when it has done its work, before it answers. */
  let afterwards: (attempt: number) => void;
  let queue = 0;

  beforeAll(async () => {
    bundle = await workflowBundle(path.join(__dirname, '..', '..'));
    env = await startTestServer();
  });
  afterAll(async () => await env?.teardown());

  beforeEach(async () => {
    afterwards = () => undefined;
    world = await ActivityWorld.create();
    world.tools.summarise = summariseResult;
    world.tools.writeViewer = writeViewer;
    spec = await world.artefacts.readJson(world.input.job, jobSpecSchema);
    const prefix = `correct-job-${queue++}`;
    client = await createJobClient({ config: loadConfig({ VAMG_QUEUE_PREFIX: prefix }), artefacts: world.artefacts, address: env.address });
    const correct = async (input: CorrectInput): Promise<unknown> => {
      const result = await world.media.correct(input);
      afterwards(Context.current().info.attempt);
      return result;
    };
    const activities = { ...world.control, ...world.media, ...world.inference, correct };
    workers = await Promise.all(QUEUE_ROLES.map((role) => Worker.create({ connection: env.nativeConnection, taskQueue: taskQueueName(prefix, role), activities, ...(role === 'control' && { workflowBundle: bundle }) })));
    running = workers.map((worker) => worker.run());
  });
  afterEach(async () => {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(running);
    await client.close();
    await world.dispose();
  });

  const trail = async (): Promise<readonly TrailLine[]> => (await readCorrections(world.artefacts, world.input.job.sha256)).trail;
  const labelsOf = async (id: string): Promise<string> => JSON.stringify((JSON.parse(await world.fileOf((await client.wait(id)).manifest, 'result.json')) as { objects: { label?: string }[] }).objects.map((object) => object.label ?? null));
  const idsOf = async (id: string): Promise<number[]> => [...new Set((await world.masksOf((await client.wait(id)).manifest)).trim().split('\n').flatMap((line) => maskLineSchema.parse(JSON.parse(line)).objects.map((object) => object.id)))];

  test('that has ended: once, whatever becomes of the answer; everybody who fetches gets it', async () => {
    await client.startJob({ spec, id: 'one' });
    const published = await client.wait('one');
    afterwards = (attempt) => {
      if (attempt === 1) throw ApplicationFailure.retryable('the worker died', 'StoreUnavailable');
    };
    const done = await client.correct('one', { request: { edits: [{ edit: 'merge', ids: [1, 2] }] }, correction: 'mine' });
    expect(done).toMatchObject({ state: 'done', correction: 'mine', firstEdit: 1, lastEdit: 1, objectsBefore: 2, objects: 1, editsInForce: 1 });
    expect((await trail()).length).toBe(1);
    expect(await client.correct('one', { request: { edits: [{ edit: 'merge', ids: [1, 2] }] }, correction: 'mine' })).toEqual(done);
    expect((await trail()).length).toBe(1);
    expect([await client.wait('one'), await idsOf('one')]).toEqual([{ ...published, manifest: done.manifest, objects: 1 }, [1]]);
    expect(await client.startJob({ spec, id: 'one' })).toEqual({ id: 'one', outcome: 'finished' });

    await expect(client.correct('one', { request: { edits: [{ edit: 'delete', ids: [2] }] } })).rejects.toMatchObject({ name: 'VamgError', failure: 'BadConfig', message: expect.stringContaining('Object 2 is no longer there') });
    await expect(client.correct('one', { request: { edits: [] } })).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('cannot be used at edits') });
    await client.correct('one', { request: { undo: true } });
    const { files } = await world.artefacts.readJson((await client.wait('one')).manifest, resultManifestSchema);
    const original = await world.artefacts.readJson(published.manifest, resultManifestSchema);
    expect(files).toMatchObject(original.files);
  });

  test('by several at once, one after the other', async () => {
    await client.startJob({ spec, id: 'two' });
    await client.wait('two');
    const texts = ['a', 'b', 'c', 'd', 'e'];
    const done = await Promise.all(texts.map((text) => client.correct('two', { request: label(text) })));
    expect(done.map(({ firstEdit }) => firstEdit).sort()).toEqual([1, 2, 3, 4, 5]);
    const last = (await trail()).at(-1)!;
    expect(await labelsOf('two')).toBe(JSON.stringify([(last.edit as { label: string }).label, null]));
  });

  test('that runs: the command waits for the result, and given up it is done all the same', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    world.host.before = async () => await gate;
    await client.startJob({ spec, id: 'three' });
    await eventually(() => world.host.jobs.length > 0);
    const givenUp = client.correct('three', { request: label('dog') }, AbortSignal.timeout(1500));
    await expect(givenUp).rejects.toMatchObject({ name: 'TimeoutError' });
    const second = client.correct('three', { request: { edits: [{ edit: 'split', id: 2, at: '3s' }] } });
    setTimeout(release, 500);
    expect(await second).toMatchObject({ firstEdit: 2, objectsBefore: 2, objects: 3 });
    expect([await labelsOf('three'), await idsOf('three'), (await client.wait('three')).objects]).toEqual(['["dog",null,null]', [1, 2, 3], 3]);
  });

  test('whose corrected result is damaged in the store: started again it is whole, and the same', async () => {
    await client.startJob({ spec, id: 'four' });
    const { manifest } = await client.correct('four', { request: label('dog') });
    const { files } = await world.artefacts.readJson(manifest, resultManifestSchema);
    await world.objects.remove(files['result.json']!.key);
    const jobs = world.host.jobs.length;
    expect(await client.startJob({ spec, id: 'four' })).toMatchObject({ outcome: 'started' });
    expect(await client.wait('four')).toMatchObject({ manifest, objects: 2 });
    expect(await labelsOf('four')).toBe('["dog",null]');
    // Made from the result and the trail: nothing was computed again.
    expect(world.host.jobs.length).toBe(jobs);
    await world.objects.remove(`v1/correct/${[...world.objects.objects.keys()].find((key) => key.startsWith('v1/correct/'))!.split('/').at(-1)}`);
    await expect(client.wait('four')).rejects.toMatchObject({ failure: 'CorruptArtifact', message: expect.stringContaining('start the job again') });
    expect(await client.startJob({ spec, id: 'four' })).toMatchObject({ outcome: 'started' });
    expect(await client.wait('four')).toMatchObject({ manifest });
  });

  test('that there is not, or that has no result', async () => {
    await expect(client.correct('nobody', { request: label('dog') })).rejects.toMatchObject({ failure: 'NotFound' });
    world.host.before = async () => Promise.reject(ApplicationFailure.nonRetryable('bad', 'PoisonVideo'));
    await client.startJob({ spec, id: 'five' });
    await expect(client.correct('five', { request: label('dog') })).rejects.toMatchObject({ failure: 'PoisonVideo', message: expect.stringContaining('no result to correct') });
    await expect(client.wait('five')).rejects.toMatchObject({ failure: 'PoisonVideo' });
    await expect(client.correct('five', { request: label('dog') })).rejects.toMatchObject({ failure: 'NotFound', message: expect.stringContaining('is not in the store') });
  });
});
