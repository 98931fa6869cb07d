import { MockActivityEnvironment } from '@temporalio/testing';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { VamgError } from '../../../contracts/errors';
import { maskLineSchema, resultManifestSchema } from '../../../contracts/pipeline-artefacts';
import { stitchReportSchema } from '../../../contracts/stitch-report';
import { toActivityFailure } from '../../../activities/failure-mapping';
import { ActivityWorld, FRAMES } from './activity-world';

let world: ActivityWorld;
beforeEach(async () => (world = await ActivityWorld.create()));
afterEach(async () => await world.dispose());

async function untilTracking(): Promise<void> {
  await world.run(world.media.probe);
  await world.run(world.control.plan);
  await world.run(world.inference.detect, 0);
}

test('all stages together give one line per frame with the same two IDs from end to end', async () => {
  const result = await world.runAll();
  expect(result).toMatchObject({ objects: 2, frames: FRAMES, skipped: false });
  const lines = (await world.masksOf(result.manifest)).trimEnd().split('\n').map((line) => maskLineSchema.parse(JSON.parse(line)));
  expect(lines.map((line) => line.frame)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
  expect(lines[5]).toMatchObject({ time: 0.5 });
  for (const line of lines) {
    expect(line.objects.map((object) => [object.id, object.bbox[0], object.area])).toEqual([[1, 2, 64], [2, 14, 64]]);
  }
  const { files } = resultManifestSchema.parse(JSON.parse(Buffer.from(await world.objects.get(result.manifest.key)).toString()));
  expect(Object.keys(files).sort()).toEqual(['index.html', 'masks.jsonl', 'overlay.mp4', 'result.json', 'stitch-report.json', 'viewer/preview.mp4']);
});

test('a second run computes nothing', async () => {
  await world.runAll();
  const jobs = world.host.jobs.length;
  expect(await world.runAll()).toMatchObject({ skipped: true, objects: 2 });
  expect(world.host.jobs).toHaveLength(jobs);
});

test('another look of the overlay draws the films again from what is there; trails bring the frames before a chunk along', async () => {
  const before = await world.runAll();
  const lines = (await world.masksOf(before.manifest)).split(/(?<=\n)/);
  const jobs = world.host.jobs.length;
  const chunks = world.rendered.splice(0);
  expect(chunks.map(({ startPosition, leadPosition }) => startPosition - leadPosition)).toEqual([0, 0, 0]);
  expect(chunks.map(({ masks }) => masks).join('')).toBe(lines.join(''));
  // Longer than a chunk: the third one needs all frames of the second and some of the first.
  await world.changeOutput({ overlayStyle: 'fill,trails', overlayTrail: 28 });
  const after = await world.runAll();
  expect(await world.masksOf(after.manifest)).toBe(lines.join(''));
  expect(world.host.jobs).toHaveLength(jobs);
  expect(world.rendered.map(({ startPosition }) => startPosition)).toEqual(chunks.map(({ startPosition }) => startPosition));
  for (const { startPosition, endPosition, leadPosition, look, masks } of world.rendered) {
    expect(leadPosition).toBe(Math.max(0, startPosition - 27));
    expect(masks).toBe(lines.slice(leadPosition, endPosition).join(''));
    expect(look).toMatchObject({ overlayStyle: 'fill,trails', overlayTrail: 28 });
  }
});

test('the stitch report holds every border, join and object, in frames of the source', async () => {
  const { manifest } = await world.runAll();
  const report = stitchReportSchema.parse(JSON.parse(await world.fileOf(manifest, 'stitch-report.json')));
  expect(report.counts).toMatchObject({ joined: 4, ambiguous: 0, reidentified: 0, suggested: 0 });
  expect(report.borders.map(({ frames }) => [frames[0], frames.length])).toEqual([[22, 8], [44, 8]]);
  expect(report.objects.map(({ id, tracklets }) => [id, tracklets.length])).toEqual([[1, 3], [2, 3]]);
});

test('with other stitching options everything from matching on is made anew, from the same tracks', async () => {
  const before = await world.runAll();
  const jobs = world.host.jobs.length;
  await world.changePlanning({ stitchMargin: 0.2, reidentifyThresh: 0.9 });
  const after = await world.runAll({ stitchOnly: true });
  expect(after).toMatchObject({ skipped: false, objects: 2, frames: FRAMES });
  expect(world.host.jobs).toHaveLength(jobs);
  expect(await world.masksOf(after.manifest)).toBe(await world.masksOf(before.manifest));
  expect(stitchReportSchema.parse(JSON.parse(await world.fileOf(after.manifest, 'stitch-report.json'))).options).toMatchObject({ stitchMargin: 0.2, reidentifyThresh: 0.9 });
});

test('an object that was away is suggested first, and gets its ID back when the job is stitched again with re-identification', async () => {
  world.host.hidden = [20, 40];
  const before = await world.runAll();
  expect(before).toMatchObject({ objects: 3 });
  const suggested = stitchReportSchema.parse(JSON.parse(await world.fileOf(before.manifest, 'stitch-report.json'))).reidentifications;
  // Down by one pixel in four frames: from row 6 to row 12.
  expect(suggested).toMatchObject([{ before: { chunkIndex: 0, localId: 2 }, after: { chunkIndex: 1, localId: 1 }, lastFrame: 19, firstFrame: 40, decision: 'suggested', evidence: { gapFrames: 20, acrossCut: false, appearance: 1, areaRatio: 1, distance: 6 } }]);
  const jobs = world.host.jobs.length;
  await world.changePlanning({ reidentify: true });
  const after = await world.runAll({ stitchOnly: true });
  expect(after).toMatchObject({ objects: 2 });
  expect(world.host.jobs).toHaveLength(jobs);
  const lines = (await world.masksOf(after.manifest)).trimEnd().split('\n').map((line) => maskLineSchema.parse(JSON.parse(line)));
  expect([19, 20, 39, 40, 59].map((frame) => lines[frame]!.objects.map(({ id }) => id))).toEqual([[1, 2], [1], [1], [1, 2], [1, 2]]);
});

test('without its tracks a job cannot be stitched, and no network makes up for it', async () => {
  await world.runAll();
  const jobs = world.host.jobs.length;
  for (const key of [...world.objects.objects.keys()]) if (key.startsWith('v1/track/')) await world.objects.remove(key);
  await world.changePlanning({ stitchMargin: 0.2 });
  await expect(world.runAll({ stitchOnly: true })).rejects.toMatchObject({ type: 'CorruptArtifact', message: expect.stringContaining('track artefact') as string });
  expect(world.host.jobs).toHaveLength(jobs);
});

test('checkpoints are gone after success', async () => {
  await world.runAll();
  expect([...world.objects.objects.keys()].filter((key) => key.includes('checkpoints'))).toEqual([]);
});

test('the last lines of a chunk go into its artefact alone, not into a checkpoint before', async () => {
  await untilTracking();
  const put = jest.spyOn(world.objects, 'put');
  await world.run(world.inference.track, 0);
  // 30 lines with one after every second.
  expect(put.mock.calls.filter(([key]) => key.endsWith('.state'))).toHaveLength(14);
});

test('an attempt resumes after the last checkpoint, and the result has the same bytes', async () => {
  const undisturbed = await (async () => world.masksOf((await world.runAll()).manifest))();
  const other = await ActivityWorld.create();
  world = other;
  await untilTracking();
  let crashAt = 11;
  world.host.before = async (line, job) => {
    if (job.kind === 'track' && line === crashAt) {
      crashAt = -1;
      throw new VamgError('InferenceFailed', 'The inference process died.');
    }
  };
  await expect(world.run(world.inference.track, 0)).rejects.toMatchObject({ type: 'InferenceFailed', nonRetryable: false });
  await world.run(world.inference.track, 0);
  const resumed = world.host.jobs.at(-1)!.resume!;
  expect([resumed.linesDone, Buffer.from(resumed.checkpoint!).toString()]).toEqual([10, 'after 9']);
  expect(await world.masksOf((await world.runAll()).manifest)).toBe(undisturbed);
});

test('heartbeats tell frames done and planned', async () => {
  await untilTracking();
  const env = new MockActivityEnvironment();
  const beats: unknown[] = [];
  env.on('heartbeat', (details) => beats.push(details));
  await world.run(world.inference.track, 0, env);
  expect(beats[0]).toMatchObject({ stage: 'track', chunk: 0, done: 0, total: 30 });
  expect(beats.at(-1)).toMatchObject({ done: 30, objects: 2 });
});

test('cancelling stops the host, keeps the checkpoint, and is not counted as an attempt', async () => {
  await untilTracking();
  for (let i = 0; i < 5; i++) {
    const env = new MockActivityEnvironment();
    world.host.before = async (line) => (line === 6 ? env.cancel('CANCELLED') : undefined);
    await expect(world.run(world.inference.track, 0, env)).rejects.toBeInstanceOf(CancelledFailure);
  }
  world.host.before = async () => undefined;
  await world.run(world.inference.track, 0);
  expect(world.host.jobs.at(-1)!.resume?.linesDone).toBe(6);
});

test('an attempt that was overtaken by another leaves no checkpoint behind, though it wrote one after the other had finished', async () => {
  await untilTracking();
  const env = new MockActivityEnvironment();
  let late = 0;
  world.host.before = async (line) => {
    if (line !== 5) return;
    world.host.before = async () => undefined;
    await world.run(world.inference.track, 0);
    world.host.before = async (next) => {
      if (next < 9) return;
      for await (const { key } of world.artefacts.objects.list('v1/checkpoints/')) late += Number(key.endsWith('.part'));
      env.cancel('NOT_FOUND');
    };
  };
  await expect(world.run(world.inference.track, 0, env)).rejects.toBeInstanceOf(CancelledFailure);
  expect(late).toBeGreaterThan(0);
  const left: string[] = [];
  for await (const { key } of world.artefacts.objects.list('v1/checkpoints/')) left.push(key);
  expect(left).toEqual([]);
});

test('three attempts that end at the same frame make the chunk poison; a full disk does not', async () => {
  await untilTracking();
  const failing = (failure: 'InferenceFailed' | 'ResourceExhausted'): void => {
    world.host.before = async (line, job) => {
      if (job.kind === 'track' && line === 4) throw new VamgError(failure, 'No.');
    };
  };
  failing('ResourceExhausted');
  for (let i = 0; i < 5; i++) await expect(world.run(world.inference.track, 0)).rejects.toMatchObject({ type: 'ResourceExhausted', nonRetryable: false });
  failing('InferenceFailed');
  // The first attempt after the last success starts at frame 4 already.
  for (let i = 0; i < 3; i++) await expect(world.run(world.inference.track, 0)).rejects.toMatchObject({ type: 'InferenceFailed' });
  await expect(world.run(world.inference.track, 0)).rejects.toMatchObject({ type: 'PoisonChunk', nonRetryable: true });
});

test('a process that says nothing is given up', async () => {
  const slow = await ActivityWorld.create(1);
  await slow.run(slow.media.probe);
  await slow.run(slow.control.plan);
  slow.host.before = (_line, _job, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  await expect(slow.run(slow.inference.detect, 0)).rejects.toMatchObject({ type: 'InferenceFailed', message: expect.stringContaining('Nothing advanced') as string });
  await slow.dispose();
});

test('a damaged input is discarded and reported as CorruptArtifact; the producer then makes it again', async () => {
  await untilTracking();
  const before = world.host.jobs.length;
  const data = [...world.objects.objects.values()].find(({ bytes }) => bytes[0] === 0x1f && bytes[1] === 0x8b)!;
  data.bytes = Uint8Array.from(data.bytes, (byte, i) => (i === 30 ? byte ^ 1 : byte));
  await expect(world.run(world.inference.track, 0)).rejects.toMatchObject({ type: 'CorruptArtifact' });
  expect(await world.run(world.inference.detect, 0)).toMatchObject({ skipped: false });
  expect(world.host.jobs).toHaveLength(before + 1);
  expect(await world.run(world.inference.track, 0)).toMatchObject({ skipped: false });
});

test('cleanup removes the checkpoints of the job and nothing else', async () => {
  await untilTracking();
  world.host.before = async (line, job) => {
    if (job.kind === 'track' && line === 9) throw new VamgError('InferenceFailed', 'No.');
  };
  await expect(world.run(world.inference.track, 0)).rejects.toBeInstanceOf(ApplicationFailure);
  const others = [...world.objects.objects.keys()].filter((key) => !key.includes('checkpoints'));
  expect(world.objects.objects.size).toBeGreaterThan(others.length);
  await world.run(world.control.cleanup);
  expect([...world.objects.objects.keys()]).toEqual(others);
});

test('failures carry name, sentence and safe details, but no stack, cause or path', () => {
  const failure = toActivityFailure(new VamgError('PoisonVideo', 'It is text.', { cause: new Error('/home/me/film'), details: { frame: 3, list: ['/home/me'] } })) as ApplicationFailure;
  expect(failure).toMatchObject({ type: 'PoisonVideo', nonRetryable: true, message: 'It is text.', details: [{ frame: 3 }] });
  expect(failure.cause).toBeUndefined();
  expect(failure.stack).toBe('PoisonVideo: It is text.');
});

test('prompts go to the chunks that see their frames, each chunk goes on from the one before, and the ID goes to the result', async () => {
  const file = { objects: [{ id: 9, label: 'dog', prompts: [{ frame: 3, points: [[5, 8]] as [number, number][] }, { frame: 40, box: [1, 1, 9, 9] as [number, number, number, number] }] }] };
  world = await ActivityWorld.create(60, { prompts: file, onlyPrompted: true });
  world.host.givenId = 9;
  await world.run(world.media.probe);
  expect(await world.run(world.control.plan)).toMatchObject({ chunkCount: 3, chains: '|++' });
  const result = await world.runAll();
  expect(world.host.jobs.map((one) => one.kind === 'track' && one.firstFreeId)).toEqual([10, 10, 10]);
  const said = (position: number): unknown => world.host.prompts.get(position)!.map(({ position: at, objectId, points, box }) => [at, objectId, points.length, box]);
  expect(said(0)).toEqual([[3, 9, 1, null]]);
  expect(said(25)).toEqual([[40, 9, 0, [1, 1, 9, 9]]]);
  for (const text of (await world.masksOf(result.manifest)).trimEnd().split('\n')) expect(maskLineSchema.parse(JSON.parse(text)).objects.map(({ id }) => id)).toEqual([9, 10]);
  const { files } = resultManifestSchema.parse(JSON.parse(Buffer.from(await world.objects.get(result.manifest.key)).toString()));
  expect(JSON.parse(Buffer.from(await world.objects.get(files['result.json']!.key)).toString())).toMatchObject({ labels: [[9, 'dog']] });
});

test('results stay small', async () => {
  const result = await world.runAll();
  expect(JSON.stringify(result).length).toBeLessThan(600);
});
