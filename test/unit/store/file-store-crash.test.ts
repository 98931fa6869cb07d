import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore } from '../../../adapters/store/file-store';
import { removeUnder, type ObjectStore } from '../../../adapters/store/object-store';
import { disk, type Mishap } from './failing-disk';

jest.mock('node:fs/promises', () => {
  const { wrapFileSystem } = jest.requireActual<typeof import('./failing-disk')>('./failing-disk');
  return wrapFileSystem(jest.requireActual('node:fs/promises'));
});

const OLD = Buffer.alloc(5000, 'old');
const NEW = Buffer.alloc(7001, 'new');
const KEY = 'v1/data/aa/k';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'vamg-crash-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** All there is: keys and whole contents. */
async function contents(store: ObjectStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { key, bytes } of store.list('v1/')) {
    const data = await store.get(key);
    expect(data.length).toBe(bytes);
    found[key] = nameOf(Buffer.from(data));
  }
  return found;
}

/** Whole contents by name, so that a difference can be read. */
function nameOf(data: Buffer): string {
  return data.equals(OLD) ? 'old' : data.equals(NEW) ? 'new' : `${data.length} bytes that nobody wrote`;
}

interface Deed {
  readonly what: string;
  /** Whether KEY holds OLD before. */
  readonly hasOld: boolean;
  readonly work: (store: ObjectStore, source: string) => Promise<unknown>;
  /** What is under KEY afterwards; null for nothing. */
  readonly after: Buffer | null;
}

const DEEDS: readonly Deed[] = [
  { what: 'put of a new object', hasOld: false, work: (store) => store.put(KEY, NEW), after: NEW },
  { what: 'put in place of another', hasOld: true, work: (store) => store.put(KEY, NEW), after: NEW },
  { what: 'putFile of a new object', hasOld: false, work: (store, source) => store.putFile(KEY, source), after: NEW },
  { what: 'putFile in place of another', hasOld: true, work: (store, source) => store.putFile(KEY, source), after: NEW },
  { what: 'putIfAbsent', hasOld: false, work: (store) => store.putIfAbsent(KEY, NEW), after: NEW },
  { what: 'putIfAbsent where there is something', hasOld: true, work: (store) => store.putIfAbsent(KEY, NEW), after: OLD },
  { what: 'remove', hasOld: true, work: (store) => store.remove(KEY), after: null },
  { what: 'removeUnder', hasOld: true, work: (store) => removeUnder(store, 'v1/data/aa/'), after: null },
];

describe.each(DEEDS)('$what, interrupted at each file operation', ({ hasOld, work, after }) => {
  const states = { before: state(hasOld ? OLD : null), after: state(after) };

  /** Do it with a mishap at operation n. Gives what is there once the store was opened again, or null when all was done before. */
  async function interrupted(mishap: Mishap, n: number): Promise<{ held: Record<string, string>; outcome: unknown; left: string[] } | null> {
    const root = path.join(folder, `${mishap}-${n}`);
    mkdirSync(root);
    const source = path.join(root, 'source');
    writeFileSync(source, NEW);
    const store = await FileStore.open(path.join(root, 'store'));
    await store.put('v1/data/other', OLD);
    if (hasOld) await store.put(KEY, OLD);
    disk.arm(mishap, n);
    const outcome: unknown = await work(store, source).then(() => 'done', (error: unknown) => error);
    const isStruck = disk.struck !== null;
    await disk.recover();
    const left = readdirSync(path.join(root, 'store', 'tmp'));
    const again = await FileStore.open(path.join(root, 'store'));
    const held = await contents(again);
    await again.put(KEY, NEW);
    expect(await contents(again)).toEqual(state(NEW));
    return isStruck ? { held, outcome, left } : null;
  }

  test.each(['kill', 'power'] as const)('%s: then the old state is there or the new one, and the store works', async (mishap) => {
    const seen: ('before' | 'after')[] = [];
    for (let n = 1; ; n++) {
      const end = await interrupted(mishap, n);
      if (end === null) break;
      const is = JSON.stringify(end.held) === JSON.stringify(states.after) ? 'after' : 'before';
      expect(end.held).toEqual(states[is]);
      seen.push(is);
    }
    // What was done stays done, however much later it ends.
    const sorted = [...seen].sort().reverse();
    expect(seen).toEqual(sorted);
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  test('error: it says so and nothing has changed, or it is done', async () => {
    let failures = 0;
    for (let n = 1; ; n++) {
      const end = await interrupted('error', n);
      if (end === null) break;
      if (end.outcome !== 'done') {
        failures++;
        expect(end.outcome).toMatchObject({ failure: 'ResourceExhausted', message: expect.not.stringContaining(folder) as string });
      }
      expect([disk.struck, end.held]).toEqual([disk.struck, end.outcome === 'done' ? states.after : states.before]);
      // Only where removing it was what failed.
      if (disk.struck !== 'rm') expect(end.left).toEqual([]);
    }
    expect(failures).toBeGreaterThan(0);
  });
});

function state(underKey: Buffer | null): Record<string, string> {
  return { ...(underKey !== null && { [KEY]: nameOf(underKey) }), 'v1/data/other': 'old' };
}
