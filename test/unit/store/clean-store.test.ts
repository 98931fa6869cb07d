import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtefactStore, manifestKey } from '../../../adapters/store/artefact-store';
import { checkStore } from '../../../adapters/store/check-store';
import { Checkpoints } from '../../../adapters/store/checkpoints';
import { cleanStore, type CleanOptions } from '../../../adapters/store/clean-store';
import { ArchiveRecords } from '../../../adapters/archive/archive-records';
import { FileStore } from '../../../adapters/store/file-store';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { SOURCE_MARKS } from '../../../adapters/store/source-registry';
import { takeInventory } from '../../../adapters/store/store-inventory';

const DAY = 24 * 3600_000;
const key = (digit: string): string => digit.repeat(64);
const bytes = (text: string): Uint8Array => Buffer.from(text);

let folder: string;
let objects: MemoryStore;
let artefacts: ArtefactStore;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vamg-clean-'));
  objects = new MemoryStore();
  artefacts = new ArtefactStore(objects, path.join(folder, 'scratch'));
  now = Date.now();
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

/** Everything that is there now was written this many days ago. */
function age(days: number, only: (name: string) => boolean = () => true): void {
  for (const [name, object] of objects.objects) if (only(name)) object.modifiedAtMs = now - days * DAY;
}

const clean = (options: Partial<CleanOptions> = {}) => cleanStore(artefacts, { beforeMs: now - 30 * DAY, ...options });
const keys = (): string[] => [...objects.objects.keys()].sort();

describe('cleanStore', () => {
  test('removes old artefacts with their data, keeps young ones with all that they name', async () => {
    await artefacts.publishJson('detect', key('a'), { old: true }, {});
    const overlay = await artefacts.putData(bytes('film'));
    const masks = await artefacts.putData(bytes('masks'));
    age(40);
    const render = await artefacts.publishJson('render', key('b'), { schemaVersion: 1, overlay, preview: null }, {});
    const publish = await artefacts.publishJson('publish', key('c'), { schemaVersion: 1, files: { 'masks.jsonl': masks } }, {});
    // Their data is as old as that of the other.
    const before = keys();
    const report = await clean();
    expect(keys()).toEqual([manifestKey('publish', key('c')), manifestKey('render', key('b')), masks.key, overlay.key, publish.ref.key, render.ref.key].sort());
    expect(report).toMatchObject({ artefacts: 1, objects: before.length - keys().length, leftovers: 0 });
    expect(report.objects).toBe(2);
  });

  test('data that an old and a young artefact share stays', async () => {
    await artefacts.publishJson('plan', key('a'), { same: 1 }, {});
    age(40);
    const young = await artefacts.publishJson('plan', key('b'), { same: 1 }, {});
    age(40, (name) => name === young.ref.key);
    await clean();
    expect(keys()).toEqual([manifestKey('plan', key('b')), young.ref.key].sort());
  });

  test('an artefact that was found today is not old', async () => {
    const { ref } = await artefacts.publishJson('track', key('a'), { t: 1 }, {});
    age(40);
    expect(await artefacts.find('track', key('a'))).not.toBeNull();
    expect((await clean()).objects).toBe(0);
    expect(keys()).toEqual([ref.key, manifestKey('track', key('a'))].sort());
  });

  test('what is written again while it is cleaned stays', async () => {
    const { ref } = await artefacts.publishJson('plan', key('a'), { n: 1 }, {});
    age(40);
    const list = objects.list.bind(objects);
    // The listing is done; then another job publishes the same bytes, before anything is removed.
    jest.spyOn(objects, 'list').mockImplementation(async function* (prefix) {
      for await (const one of list(prefix)) {
        if (one.key === manifestKey('plan', key('a'))) await artefacts.find('plan', key('a'));
        yield one;
      }
    });
    expect((await clean()).objects).toBe(0);
    expect(keys()).toEqual([ref.key, manifestKey('plan', key('a'))].sort());
  });

  test('specifications of jobs that have not ended stay, and those of archives', async () => {
    const job = await artefacts.putData(bytes('job'));
    const archive = await artefacts.putData(bytes('archive'));
    const gone = await artefacts.putData(bytes('ended job'));
    await new ArchiveRecords(objects, 'd'.repeat(16)).keepSpec(archive);
    age(400);
    await clean({ keep: new Set([job.sha256]) });
    expect(keys()).toContain(job.key);
    expect(keys()).toContain(archive.key);
    expect(keys()).not.toContain(gone.key);
    expect(keys().filter((name) => name.startsWith('v1/archive/'))).toHaveLength(1);
  });

  test('a video stays as long as its mark is young', async () => {
    const [used, unused] = [await artefacts.putData(bytes('video 1')), await artefacts.putData(bytes('video 2'))];
    for (const { sha256 } of [used, unused]) await objects.put(`${SOURCE_MARKS}${sha256}.json`, bytes('{}'));
    age(40);
    await objects.put(`${SOURCE_MARKS}${used.sha256}.json`, bytes('{}'));
    await clean();
    expect(keys()).toEqual([used.key, `${SOURCE_MARKS}${used.sha256}.json`].sort());
  });

  test('checkpoints of a stage go together, when the youngest is old', async () => {
    for (const stage of ['a', 'b']) {
      const checkpoints = new Checkpoints(objects, key(stage));
      await checkpoints.append(['1'], bytes('one'));
      await checkpoints.append(['2'], bytes('two'));
    }
    age(40, (name) => name.includes(key('a')) || name.includes('000000'));
    await clean();
    expect(new Set(keys().map((name) => name.split('/')[2]))).toEqual(new Set([key('b')]));
    expect(await new Checkpoints(objects, key('b')).resume()).toMatchObject({ linesDone: 2 });
  });

  test('a dry run counts the same and removes nothing', async () => {
    await artefacts.publishJson('detect', key('a'), { old: true }, {});
    await artefacts.putData(bytes('loose'));
    age(40);
    const before = keys();
    const counted = await clean({ isDryRun: true });
    expect(keys()).toEqual(before);
    expect(await clean()).toEqual(counted);
    expect(keys()).toEqual([]);
  });

  test('scratch folders and temporary files of killed processes go, those that may be in use stay', async () => {
    const root = path.join(folder, 'store');
    const store = await FileStore.open(root);
    const onDisk = new ArtefactStore(store, path.join(folder, 'scratch'));
    for (const name of ['scratch-old', 'scratch-new', 'other']) await mkdir(path.join(folder, 'scratch', name), { recursive: true });
    await mkdir(path.join(root, 'tmp'), { recursive: true });
    await store.put('v1/data/x', bytes('x'));
    for (const name of ['scratch/scratch-old', 'scratch/other']) await utimes(path.join(folder, name), (now - 3 * DAY) / 1000, (now - 3 * DAY) / 1000);
    const report = await cleanStore(onDisk, { beforeMs: now - 3600_000 });
    expect(report).toMatchObject({ leftovers: 1, objects: 0 });
    expect((await readdir(path.join(folder, 'scratch'))).sort()).toEqual(['other', 'scratch-new']);
  });
});

describe('checkStore', () => {
  const damage = (name: string): void => {
    const object = objects.objects.get(name)!;
    object.bytes = Uint8Array.from(object.bytes, (byte, i) => (i === 0 ? byte ^ 1 : byte));
  };

  test('finds what is missing, changed or cannot be read, also behind a result', async () => {
    const file = await artefacts.putData(bytes('masks'));
    const good = await artefacts.publishJson('plan', key('a'), { n: 1 }, {});
    const changed = await artefacts.publishJson('detect', key('b'), { n: 2 }, {});
    await artefacts.publishJson('publish', key('c'), { schemaVersion: 1, files: { 'masks.jsonl': file } }, {});
    await objects.put(manifestKey('match', key('d')), bytes('{"half'));
    damage(changed.ref.key);
    objects.objects.delete(file.key);
    const quick = await checkStore(artefacts, { readData: false, repair: false });
    expect(quick.damaged.map(({ stage, problem }) => `${stage}: ${problem}`)).toEqual(['match: manifest cannot be read', 'publish: data is missing']);
    const full = await checkStore(artefacts, { readData: true, repair: true });
    expect(full).toMatchObject({ artefacts: 4 });
    expect(full.damaged.map(({ stage, problem }) => `${stage}: ${problem}`)).toEqual(['detect: data has other bytes', 'match: manifest cannot be read', 'publish: data is missing']);
    expect(await checkStore(artefacts, { readData: true, repair: false })).toMatchObject({ artefacts: 1, damaged: [] });
    expect(await artefacts.find('plan', key('a'))).toEqual(good);
  });
});

test('the inventory counts by part, the largest first', async () => {
  await artefacts.publishJson('plan', key('a'), { n: 1 }, {});
  await objects.put('v1/checkpoints/x/000000.json', bytes('x'));
  await objects.put('v1/doctor/probe', new Uint8Array(5000));
  const parts = await takeInventory(objects);
  expect(parts.map(({ part, objects: count }) => `${part} ${count}`)).toEqual(['other 1', 'plan 1', 'data 1', 'checkpoints 1']);
});
