import fc from 'fast-check';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore } from '../../../adapters/store/file-store';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { compareStores, storeSteps } from './store-steps';

// The S3 store does the same steps in test/integration/store/store-model.test.ts.
test('any sequence of steps does to memory and file stores what it does to the model', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'vamg-store-model-'));
  let runs = 0;
  try {
    await fc.assert(
      fc.asyncProperty(storeSteps(25), async (steps) => {
        const root = path.join(folder, String(runs++));
        await mkdir(path.join(root, 'scratch'), { recursive: true });
        await compareStores({ memory: new MemoryStore(), file: await FileStore.open(path.join(root, 'store')) }, steps, path.join(root, 'scratch'));
        expect(await readdir(path.join(root, 'store', 'tmp'))).toEqual([]);
      }),
      { numRuns: 30, interruptAfterTimeLimit: 10_000 },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the comparison notices a store that is wrong', async () => {
  class Forgetful extends MemoryStore {
    override async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
      await this.put(key, bytes);
      return true;
    }
  }
  class Unordered extends MemoryStore {
    override async *list(prefix: string): ReturnType<MemoryStore['list']> {
      const found = [];
      for await (const object of super.list(prefix)) found.unshift(object);
      yield* found;
    }
  }
  for (const store of [new Forgetful(), new Unordered()]) {
    const steps = [0, 1].flatMap((n) => ['v1/k', 'v1/k0'].map((key) => ({ kind: 'putIfAbsent' as const, key, content: Uint8Array.of(n) })));
    await expect(compareStores({ memory: store }, steps, tmpdir())).rejects.toThrow(/^memory, step \d/);
  }
});
