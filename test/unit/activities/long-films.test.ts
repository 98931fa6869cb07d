import { getEventListeners } from 'node:events';
import { MockActivityEnvironment } from '@temporalio/testing';
import { loadJob } from '../../../activities/job-context';
import { sha256Hex } from '../../../adapters/store/hash-file';
import { resultManifestSchema } from '../../../contracts/pipeline-artefacts';
import { planKey } from '../../../core/pipeline/stage-keys';
import { ActivityWorld } from './activity-world';

let world: ActivityWorld;
beforeEach(async () => (world = await ActivityWorld.create()));
afterEach(async () => await world.dispose());

test('the plan of a finished job names its result; one that lacks a file is composed again', async () => {
  await world.run(world.media.probe);
  expect(await world.run(world.control.plan)).not.toHaveProperty('published');
  const { manifest, objects, frames } = await world.runAll();
  expect(await world.run(world.control.plan)).toMatchObject({ published: { manifest, objects, frames } });
  const { files } = resultManifestSchema.parse(JSON.parse(Buffer.from(await world.objects.get(manifest.key)).toString()));
  await world.objects.remove(files['masks.jsonl']!.key);
  expect(await world.run(world.control.plan)).not.toHaveProperty('published');
  expect(await world.runAll()).toMatchObject({ skipped: false, manifest });
  expect(await world.run(world.control.plan)).toHaveProperty('published');
});

test('what all steps of a job read is fetched once', async () => {
  await world.runAll();
  const get = jest.spyOn(world.objects, 'get');
  const plan = await world.artefacts.need('plan', planKey(await loadJob(world.artefacts, world.input), sha256Hex));
  for (const chunk of [0, 1, 2]) await world.run(world.control.relabel, chunk);
  expect(get.mock.calls.filter(([key]) => [world.input.job.key, plan.ref.key].includes(key))).toEqual([]);
  get.mockRestore();
});

test('the inference process is told of the timeline only what it reads', async () => {
  await world.runAll();
  for (const { frames, videoInfo, timelineStart } of world.host.jobs) {
    expect(timelineStart).toBe(frames.firstFrame + frames.startPosition * frames.frameStep);
    expect(videoInfo.pts).toHaveLength((frames.endPosition - frames.startPosition - 1) * frames.frameStep + 1);
  }
});

test('a chunk that continues another is told of the frame where that stopped, too', async () => {
  await world.dispose();
  world = await ActivityWorld.create(60, { chainChunks: 0 });
  await world.runAll();
  const jobs = world.host.jobs.filter(({ kind, frames }) => kind === 'track' && frames.startPosition > 0);
  expect(jobs.length).toBeGreaterThan(0);
  for (const { frames, videoInfo, timelineStart } of jobs) {
    expect(timelineStart).toBe(frames.firstFrame + (frames.startPosition - 1) * frames.frameStep);
    expect(videoInfo.pts).toHaveLength((frames.endPosition - frames.startPosition) * frames.frameStep + 1);
  }
});

test('a step leaves nothing behind in its worker: no listener on what would cancel it', async () => {
  await world.run(world.media.probe);
  await world.run(world.control.plan);
  const runJob = jest.spyOn(world.host, 'runJob');
  for (const activity of [world.inference.detect, world.inference.track]) {
    const env = new MockActivityEnvironment();
    await world.run(activity, 0, env);
    expect(getEventListeners(env.context.cancellationSignal, 'abort')).toEqual([]);
    expect(getEventListeners(runJob.mock.lastCall![2], 'abort')).toEqual([]);
  }
});
