import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectStore } from '../../../adapters/store/object-store';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (data: Uint8Array): string => Buffer.from(data).toString();

/** What every object store does; each store's test calls this with a way to get an empty one. */
export function describeStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} as an object store`, () => {
    let store: ObjectStore;
    let folder: string;
    beforeEach(async () => {
      store = await open();
      folder = await mkdtemp(path.join(tmpdir(), 'vamg-store-'));
    });
    afterEach(async () => await rm(folder, { recursive: true, force: true }));

    test('what was put comes back, as bytes and as a file', async () => {
      await store.put('v1/data/abc', bytes('one'));
      expect(text(await store.get('v1/data/abc'))).toBe('one');
      await store.getToFile('v1/data/abc', path.join(folder, 'copy'));
      expect(await readFile(path.join(folder, 'copy'), 'utf8')).toBe('one');
      await store.put('v1/data/abc', bytes('two!'));
      expect(text(await store.get('v1/data/abc'))).toBe('two!');
      expect(await store.stat('v1/data/abc')).toMatchObject({ key: 'v1/data/abc', bytes: 4 });
    });

    test('a file can be put, also an empty one', async () => {
      await writeFile(path.join(folder, 'file'), 'from a file');
      await store.putFile('v1/data/file', path.join(folder, 'file'));
      expect(text(await store.get('v1/data/file'))).toBe('from a file');
      await writeFile(path.join(folder, 'empty'), '');
      await store.putFile('v1/data/empty', path.join(folder, 'empty'));
      expect(await store.stat('v1/data/empty')).toMatchObject({ bytes: 0 });
    });

    test('putIfAbsent writes once and says so', async () => {
      expect(await store.putIfAbsent('v1/detect/k.json', bytes('first'))).toBe(true);
      expect(await store.putIfAbsent('v1/detect/k.json', bytes('second'))).toBe(false);
      expect(text(await store.get('v1/detect/k.json'))).toBe('first');
      const racers = await Promise.all(Array.from({ length: 6 }, (_, i) => store.putIfAbsent('v1/detect/race.json', bytes(`racer ${i}`))));
      expect(racers.filter(Boolean)).toHaveLength(1);
    });

    test('a missing object is null, false or NotFound', async () => {
      expect(await store.stat('v1/data/none')).toBeNull();
      expect(await store.exists('v1/data/none')).toBe(false);
      await expect(store.get('v1/data/none')).rejects.toMatchObject({ failure: 'NotFound' });
      await expect(store.getToFile('v1/data/none', path.join(folder, 'x'))).rejects.toMatchObject({ failure: 'NotFound' });
      await store.remove('v1/data/none');
    });

    test('listing gives whole keys under a prefix, in order, and removing takes them away', async () => {
      const keys = ['v1/checkpoints/k/000001.json', 'v1/checkpoints/k/000000.json', 'v1/checkpoints/kk/000000.json', 'v1/data/z'];
      for (const key of keys) await store.put(key, bytes(key));
      const list = async (prefix: string): Promise<string[]> => {
        const found: string[] = [];
        for await (const object of store.list(prefix)) found.push(object.key);
        return found;
      };
      expect(await list('v1/checkpoints/k/')).toEqual(['v1/checkpoints/k/000000.json', 'v1/checkpoints/k/000001.json']);
      expect(await list('v1/nothing/')).toEqual([]);
      await store.remove('v1/checkpoints/k/000000.json');
      expect(await list('v1/checkpoints/')).toEqual(['v1/checkpoints/k/000001.json', 'v1/checkpoints/kk/000000.json']);
    });

    test.each(['', 'v1', 'v2/x', 'v1/../x', 'v1/a/../../b', '/v1/x', 'v1/.hidden', 'v1/a//b', 'v1/a/', 'v1/Ä', 'v1/a b', `v1/${'a'.repeat(200)}`])('the key "%s" is refused', async (key) => {
      await expect(store.put(key, bytes('x'))).rejects.toMatchObject({ failure: 'BadConfig' });
      await expect(store.get(key)).rejects.toMatchObject({ failure: 'BadConfig' });
    });
  });
}
