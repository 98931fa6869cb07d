import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { toActivityFailure } from '../../../activities/failure-mapping';
import { ArtefactStore, manifestKey } from '../../../adapters/store/artefact-store';
import { Checkpoints } from '../../../adapters/store/checkpoints';
import { gunzipFile } from '../../../adapters/store/json-lines';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { sealJson, unsealJson } from '../../../adapters/store/sealed-json';

const KEY = 'a'.repeat(64);
const folder = mkdtempSync(path.join(tmpdir(), 'vamg-damage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The store with one bit of an object changed, for every bit. */
async function eachFlip(store: MemoryStore, key: string, check: () => Promise<void>): Promise<void> {
  const { bytes } = store.objects.get(key)!;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Uint8Array.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    store.objects.set(key, { bytes: damaged, modifiedAtMs: 0 });
    await check();
  }
  store.objects.set(key, { bytes, modifiedAtMs: 0 });
}

/** Damages the next answer to `get`, once. */
class Flipping extends MemoryStore {
  flipNext = false;
  override async get(key: string): Promise<Uint8Array> {
    const bytes = await super.get(key);
    if (this.flipNext) bytes[bytes.length >> 1]! ^= 1;
    this.flipNext = false;
    return bytes;
  }
}

describe('a bit that is wrong', () => {
  test('in a manifest is never believed', async () => {
    const store = new MemoryStore();
    const artefacts = new ArtefactStore(store, folder);
    const manifest = await artefacts.publishJson('publish', KEY, { a: 1 }, { objects: 4, frames: 112 });
    let found = 0;
    await eachFlip(store, manifestKey('publish', KEY), async () => {
      const one = await artefacts.find('publish', KEY);
      if (one !== null) expect(one).toEqual(manifest);
      found += one === null ? 0 : 1;
    });
    expect(found).toBe(0);
    expect(await artefacts.find('publish', KEY)).toEqual(manifest);
  });

  test('in the record of a checkpoint costs at most the checkpoint', async () => {
    const store = new MemoryStore();
    const checkpoints = new Checkpoints(store, KEY);
    for (const at of [0, 8]) await checkpoints.append(Array.from({ length: 8 }, (_, i) => `line ${at + i}`), Buffer.from(`state ${at}`));
    await eachFlip(store, `v1/checkpoints/${KEY}/000001.json`, async () => {
      expect((await new Checkpoints(store, KEY).resume())?.linesDone).toBe(8);
    });
    expect((await new Checkpoints(store, KEY).resume())?.linesDone).toBe(16);
  });

  test('on the way is read once more', async () => {
    const store = new Flipping();
    const artefacts = new ArtefactStore(store, folder);
    const manifest = await artefacts.publishJson('track', KEY, { a: 1 }, {});
    const checkpoints = new Checkpoints(store, KEY);
    await checkpoints.append(['line'], Buffer.from('state'));
    store.flipNext = true;
    expect(await artefacts.find('track', KEY)).toEqual(manifest);
    store.flipNext = true;
    expect(await new Checkpoints(store, KEY).resume()).toMatchObject({ linesDone: 1 });
  });

  test('in a sealed value makes it nothing; one without a seal is of an earlier version', () => {
    expect(unsealJson(sealJson({ a: 1, b: 'x' }))).toEqual({ a: 1, b: 'x' });
    expect(unsealJson(Buffer.from(sealJson({ a: 1 }).toString().replace('1', '2')))).toBeNull();
    expect(unsealJson(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
  });
});

(existsSync('/dev/full') ? describe : describe.skip)('no room', () => {
  test('to unpack a list is no damage of the list', async () => {
    const packed = path.join(folder, 'list.gz');
    writeFileSync(packed, gzipSync('x'.repeat(100_000)));
    const error: unknown = await gunzipFile(packed, '/dev/full').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ENOSPC' });
    expect(toActivityFailure(error)).toMatchObject({ type: 'ResourceExhausted', nonRetryable: false, message: expect.not.stringContaining('/dev') as string });
  });
});
