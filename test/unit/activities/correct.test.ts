import { MockActivityEnvironment } from '@temporalio/testing';
import { newestResult, readCorrections } from '../../../adapters/results/corrected-result';
import { checkStore } from '../../../adapters/store/check-store';
import { cleanStore } from '../../../adapters/store/clean-store';
import { takeInventory } from '../../../adapters/store/store-inventory';
import type { CorrectResult, PublishResult } from '../../../contracts/activity-types';
import type { CorrectionRequest } from '../../../contracts/edits';
import { VamgError } from '../../../contracts/errors';
import { maskLineSchema, resultManifestSchema, type ResultManifest } from '../../../contracts/pipeline-artefacts';
import { writeViewer } from '../../../viewer/write-viewer';
import { summariseResult } from '../../../workers/summarise-result';
import { ActivityWorld } from './activity-world';

const MERGE: CorrectionRequest = { edits: [{ edit: 'merge', ids: [1, 2] }] };
const UNDO: CorrectionRequest = { undo: true };
const AT_MS = Date.UTC(2026, 10, 27);

let world: ActivityWorld;
let published: PublishResult;
beforeEach(async () => {
  world = await ActivityWorld.create();
  world.tools.summarise = summariseResult;
  world.tools.writeViewer = writeViewer;
  published = await world.runAll();
});
afterEach(async () => await world.dispose());

const correct = async (id?: string, request: CorrectionRequest = MERGE): Promise<CorrectResult> =>
  (await new MockActivityEnvironment().run(world.media.correct as never, { ...world.input, ...(id !== undefined && { correction: { id, request, atMs: AT_MS } }) } as never)) as CorrectResult;
const filesOf = async ({ manifest }: Pick<CorrectResult, 'manifest'>): Promise<ResultManifest['files']> => resultManifestSchema.parse(JSON.parse(Buffer.from(await world.objects.get(manifest.key)).toString())).files;
const idsOf = async (result: CorrectResult): Promise<string> =>
  [...new Set((await world.masksOf(result.manifest)).trim().split('\n').flatMap((line) => maskLineSchema.parse(JSON.parse(line)).objects.map(({ id }) => id)))].join();
const trail = async () => (await readCorrections(world.artefacts, world.input.job.sha256)).trail;
const newest = () => newestResult(world.artefacts, world.input.job.sha256, published);

test('a correction is stored beside the result as it was, page and figures too, and all fetch it', async () => {
  const before = await filesOf(published);
  const result = await correct('one');
  expect(result).toMatchObject({ objects: 1, frames: 60, done: { state: 'done', correction: 'one', firstEdit: 1, lastEdit: 1, objectsBefore: 2, objects: 1, editsInForce: 1, manifest: result.manifest } });
  expect([await idsOf(result), await idsOf(published)]).toEqual(['1', '1,2']);
  const after = await filesOf(result);
  const changed = Object.keys(after).filter((name) => after[name]!.sha256 !== before[name]?.sha256);
  expect(changed.sort()).toEqual(['edits.jsonl', 'index.html', 'masks.jsonl', 'original/masks.jsonl.gz', 'original/result.json.gz', 'original/stitch-report.json.gz', 'result.json', 'stitch-report.json', 'viewer/masks-00000.js']);
  expect(Object.keys(before).every((name) => name in after)).toBe(true);
  expect(await world.fileOf(result.manifest, 'edits.jsonl')).toBe(`${JSON.stringify((await trail())[0])}\n`);
  expect(await trail()).toMatchObject([{ number: 1, time: '2026-11-27T00:00:00.000Z', version: '0.0.0', edit: { edit: 'merge', ids: [1, 2], into: 1 }, changed: { masks: 60, unitedFrames: 60 }, objects: 1, overlay: 'kept' }]);
  expect(await newest()).toMatchObject({ manifest: result.manifest, objects: 1, frames: 60 });
});

test('undo goes back to the very bytes, the trail says all, and a number is never given twice', async () => {
  await correct('one', { edits: [{ edit: 'split', id: 1, at: 30 }, { edit: 'label', id: 3, label: 'cat' }] });
  expect(await idsOf(await correct())).toBe('1,2,3');
  expect((await correct('two', UNDO)).done).toMatchObject({ firstEdit: 3, editsInForce: 1, objectsBefore: 3, objects: 3 });
  const bottom = await correct('three', UNDO);
  const [before, after] = [await filesOf(published), await filesOf(bottom)];
  for (const name of Object.keys(before)) expect([name, after[name]]).toEqual([name, before[name]]);
  expect((await trail()).map(({ edit }) => edit.edit)).toEqual(['split', 'label', 'undo', 'undo']);
  await expect(correct('four', UNDO)).rejects.toMatchObject({ type: 'BadConfig', message: expect.stringContaining('nothing to undo') });
  expect((await trail()).length).toBe(4);
  await correct('five', { edits: [{ edit: 'split', id: 1, at: 10 }] });
  expect((await trail()).at(-1)).toMatchObject({ number: 5, edit: { edit: 'split', newId: 4 } });
});

test('an attempt that wrote and could not answer is found by the next one: one edit, not two', async () => {
  const first = await correct('one');
  expect(await correct('one')).toMatchObject({ done: first.done });
  expect((await trail()).length).toBe(1);
  // Stored, and then nothing counts: the record is what makes it so.
  const { putIfAbsent } = world.objects;
  world.objects.putIfAbsent = async (key, bytes) => {
    if (!key.startsWith('v1/corrections/')) return await putIfAbsent.call(world.objects, key, bytes);
    world.objects.putIfAbsent = putIfAbsent;
    throw new VamgError('StoreUnavailable', 'gone');
  };
  const label: CorrectionRequest = { edits: [{ edit: 'label', id: 1, label: 'dog' }] };
  await expect(correct('three', label)).rejects.toMatchObject({ type: 'StoreUnavailable', nonRetryable: false });
  expect([(await trail()).length, (await newest()).manifest]).toEqual([1, first.manifest]);
  expect((await correct('three', label)).done).toMatchObject({ firstEdit: 2, lastEdit: 2 });
  // The same ID for something else is not a repetition.
  expect((await correct('three', UNDO)).done).toMatchObject({ firstEdit: 3 });
});

test('of several at once each is done once, after the others', async () => {
  const labels = ['a', 'b', 'c', 'd'].map((label): CorrectionRequest => ({ edits: [{ edit: 'label', id: 1, label }] }));
  const results = await Promise.all(labels.map((request, i) => correct(`at-once-${i}`, request)));
  expect(results.map(({ done }) => done!.firstEdit).sort()).toEqual([1, 2, 3, 4]);
  const lines = await trail();
  expect(new Set(lines.map(({ edit }) => (edit.edit === 'label' ? edit.label : '')))).toEqual(new Set(['a', 'b', 'c', 'd']));
  const last = await newest();
  expect(await world.fileOf(last.manifest, 'edits.jsonl')).toBe((await readCorrections(world.artefacts, world.input.job.sha256)).text);
  expect(last.manifest).toEqual(results.find(({ done }) => done!.firstEdit === 4)!.manifest);
});

test('an edit that does not fit says why in one sentence, is not tried again, and leaves nothing', async () => {
  const keys = [...world.objects.objects.keys()];
  await expect(correct('one', { edits: [{ edit: 'delete', ids: [9] }] })).rejects.toMatchObject({ type: 'BadConfig', nonRetryable: true, message: 'There is no object 9 in this result.' });
  await expect(correct('two', { edits: [{ edit: 'delete', ids: [1] }, { edit: 'rename', id: 1, to: 5 }] })).rejects.toMatchObject({ message: expect.stringContaining('Edit 2 (rename) of 2: object 1 is no longer there') });
  expect([...world.objects.objects.keys()]).toEqual(keys);
});

test('without a result there is nothing to correct', async () => {
  await world.changePlanning({ stitchMargin: 0.2 });
  await expect(correct('one')).rejects.toMatchObject({ type: 'NotFound', nonRetryable: true, message: expect.stringContaining('is not in the store') });
});

test('a damaged corrected result is made again, the same, and the job is told that there is one', async () => {
  expect((await world.run(world.control.plan)).published).toEqual({ manifest: published.manifest, objects: 2, frames: 60 });
  const result = await correct('one');
  const { key } = (await filesOf(result))['masks.jsonl']!;
  for (const damage of [() => world.objects.put(key, Buffer.from('x')), () => world.objects.remove(key)]) {
    await damage();
    expect((await world.run(world.control.plan)).published).toMatchObject({ manifest: published.manifest, hasCorrections: true });
    expect(await world.run(world.media.publish)).toMatchObject({ manifest: published.manifest, hasCorrections: true });
    expect(await correct()).toEqual({ manifest: result.manifest, objects: 1, frames: 60 });
    expect(await idsOf(result)).toBe('1');
    expect((await checkStore(world.artefacts, { readData: true, repair: false })).damaged).toEqual([]);
  }
});

test('what people did outlives the cleaning of the store', async () => {
  const result = await correct('one');
  const spec = await world.artefacts.readData(world.input.job);
  for (const object of world.objects.objects.values()) object.modifiedAtMs = Date.now() - 40 * 24 * 3600_000;
  // Of a young result nothing goes.
  await world.run(world.control.plan);
  await newest();
  await cleanStore(world.artefacts, { beforeMs: Date.now() - 24 * 3600_000, keep: new Set([world.input.job.sha256]) });
  await expect(world.artefacts.verify({ stage: 'correct', ref: (await newest()).manifest })).resolves.toBeUndefined();
  for (const object of world.objects.objects.values()) object.modifiedAtMs = Date.now() - 40 * 24 * 3600_000;
  await cleanStore(world.artefacts, { beforeMs: Date.now() });
  expect((await takeInventory(world.objects)).map(({ part, objects }) => [part, objects])).toEqual([['corrections', 1]]);
  await expect(newest()).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  await world.artefacts.putData(spec);
  expect(await world.runAll()).toMatchObject({ objects: 2, hasCorrections: true });
  expect(await correct()).toMatchObject({ manifest: result.manifest, objects: 1 });
});

test('a damaged record is not passed over', async () => {
  await correct('one');
  await correct('two', UNDO);
  const [first] = [...world.objects.objects.keys()].filter((key) => key.startsWith('v1/corrections/'));
  const bytes = Buffer.from(await world.objects.get(first!));
  await world.objects.put(first!, Buffer.from(bytes.toString().replace('merge', 'merje')));
  await expect(newest()).rejects.toMatchObject({ failure: 'CorruptArtifact', message: expect.stringContaining('record of correction 1') });
  await world.objects.remove(first!);
  await expect(newest()).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  await world.objects.put(first!, bytes);
  await expect(newest()).resolves.toMatchObject({ objects: 2 });
});
