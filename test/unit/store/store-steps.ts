import fc from 'fast-check';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../../contracts/errors';
import { removeUnder, type ObjectStat, type ObjectStore } from '../../../adapters/store/object-store';

/** Random use of a store, and a model that says what must come of it. The model shares no code with the stores. */

export type StoreStep =
  | { readonly kind: 'put' | 'putFile' | 'putIfAbsent'; readonly key: string; readonly content: Uint8Array }
  | { readonly kind: 'race'; readonly key: string; readonly contents: readonly Uint8Array[] }
  | { readonly kind: 'get' | 'getToFile' | 'stat' | 'exists' | 'remove'; readonly key: string }
  | { readonly kind: 'list' | 'removeUnder'; readonly prefix: string };

/** Folders and files have names of their own, so that no key is the folder of another. `-` and `.` sort before the slash, `0` after it. */
const FOLDERS = ['d', 'd-', 'd.', 'd0'];
const FILES = ['k', 'k-', 'k.', 'k0'];
const BAD_KEYS = ['', 'v1', 'v2/d/k', 'v1/d/../k', '/v1/d/k', 'v1/.k', 'v1/d//k', 'v1/D/k', 'v1/d/k\0', `v1/${'k'.repeat(129)}`];
const BAD_PREFIXES = ['', 'v1', 'v1/d', 'v1/../', '/v1/', 'v1//'];

const folders = fc.array(fc.constantFrom(...FOLDERS), { maxLength: 2 }).map((parts) => ['v1', ...parts].join('/'));
const key = fc.oneof({ weight: 12, arbitrary: fc.tuple(folders, fc.constantFrom(...FILES)).map((parts) => parts.join('/')) }, { weight: 1, arbitrary: fc.constantFrom(...BAD_KEYS) });
const prefix = fc.oneof({ weight: 8, arbitrary: folders.map((folder) => `${folder}/`) }, { weight: 1, arbitrary: fc.constantFrom(...BAD_PREFIXES) });
const content = fc.tuple(fc.constantFrom(0, 1, 17, 4096, 70_000), fc.nat(255)).map(([bytes, first]) => Uint8Array.from({ length: bytes }, (_, i) => first + i * 7));

const step: fc.Arbitrary<StoreStep> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('put', 'putFile', 'putIfAbsent'), key, content }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race'), key, contents: fc.array(content, { minLength: 2, maxLength: 4 }) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('get', 'getToFile', 'stat', 'exists', 'remove'), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('list', 'removeUnder'), prefix }) },
) as fc.Arbitrary<StoreStep>;

export const storeSteps = (most: number): fc.Arbitrary<StoreStep[]> => fc.array(step, { minLength: 1, maxLength: most, size: 'max' });

/** What a step gave, in a form that can be compared: contents as base64, errors as their failure's name. */
export type Outcome = { readonly value: unknown } | { readonly failure: string };

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const withoutTime = ({ key: name, bytes, modifiedAtMs }: ObjectStat): unknown[] => [name, bytes, modifiedAtMs > 1.6e12];

/** Do a step. @param scratch a folder for the local files of putFile and getToFile */
export async function runStep(store: ObjectStore, one: StoreStep, scratch: string): Promise<Outcome> {
  try {
    return { value: (await perform(store, one, path.join(scratch, 'local'))) ?? null };
  } catch (error) {
    return { failure: error instanceof VamgError ? error.failure : String(error) };
  }
}

async function perform(store: ObjectStore, one: StoreStep, local: string): Promise<unknown> {
  switch (one.kind) {
    case 'put': return await store.put(one.key, one.content);
    case 'putFile':
      await writeFile(local, one.content);
      return await store.putFile(one.key, local);
    case 'putIfAbsent': return await store.putIfAbsent(one.key, one.content);
    case 'race': {
      const isWinner = await Promise.all(one.contents.map((content) => store.putIfAbsent(one.key, content)));
      const winners = one.contents.filter((_, i) => isWinner[i]).map(text);
      // Which one wins is open; then the store holds its bytes.
      if (winners.length > 0 && text(await store.get(one.key)) !== winners[0]) return 'not the bytes of the winner';
      return await settleRace(store, one, winners.length);
    }
    case 'get': return text(await store.get(one.key));
    case 'getToFile':
      await store.getToFile(one.key, local);
      return text(await readFile(local));
    case 'stat': {
      const stat = await store.stat(one.key);
      return stat === null ? null : withoutTime(stat);
    }
    case 'exists': return await store.exists(one.key);
    case 'remove': return await store.remove(one.key);
    case 'list': return await listing(store, one.prefix);
    case 'removeUnder': return await removeUnder(store, one.prefix);
  }
}

/** After a race that was won the first content is put, so that all stores go on with the same bytes. */
async function settleRace(store: ObjectStore, one: StoreStep & { kind: 'race' }, winners: number): Promise<number> {
  if (winners > 0) await store.put(one.key, one.contents[0]!);
  return winners;
}

export async function listing(store: ObjectStore, under: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const object of store.list(under)) found.push(withoutTime(object));
  return found;
}

/** What a store is: names and bytes. */
export class StoreModel {
  readonly objects = new Map<string, Uint8Array>();

  /** The step's outcome, as every store must give it. */
  expect(one: StoreStep): Outcome {
    if ('prefix' in one) {
      if (BAD_PREFIXES.includes(one.prefix)) return { failure: 'BadConfig' };
      if (one.kind === 'list') return { value: this.listing(one.prefix) };
      for (const name of [...this.objects.keys()].filter((key) => key.startsWith(one.prefix))) this.objects.delete(name);
      return { value: null };
    }
    if (BAD_KEYS.includes(one.key)) return { failure: 'BadConfig' };
    const there = this.objects.get(one.key);
    switch (one.kind) {
      case 'put':
      case 'putFile':
        this.objects.set(one.key, one.content);
        return { value: null };
      case 'putIfAbsent':
        if (there === undefined) this.objects.set(one.key, one.content);
        return { value: there === undefined };
      case 'race':
        if (there === undefined) this.objects.set(one.key, one.contents[0]!);
        return { value: there === undefined ? 1 : 0 };
      case 'get':
      case 'getToFile':
        return there === undefined ? { failure: 'NotFound' } : { value: text(there) };
      case 'stat':
        return { value: there === undefined ? null : [one.key, there.length, true] };
      case 'exists':
        return { value: there !== undefined };
      case 'remove':
        this.objects.delete(one.key);
        return { value: null };
    }
  }

  listing(under: string): unknown[] {
    const names = [...this.objects.keys()].filter((name) => name.startsWith(under));
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((name) => [name, this.objects.get(name)!.length, true]);
  }
}

/** Do the steps in every store; after each, all give and hold what the model says. @throws Error naming the store and the step */
export async function compareStores(stores: Readonly<Record<string, ObjectStore>>, steps: readonly StoreStep[], scratch: string): Promise<void> {
  const model = new StoreModel();
  for (const [i, one] of steps.entries()) {
    const wanted = model.expect(one);
    for (const [name, store] of Object.entries(stores)) {
      const where = `${name}, step ${i} (${one.kind})`;
      agree(where, await runStep(store, one, scratch), wanted);
      agree(`${where}, listing`, await listing(store, 'v1/'), model.listing('v1/'));
    }
  }
  for (const [name, store] of Object.entries(stores)) {
    for (const [key, bytes] of model.objects) agree(`${name}, ${key} at the end`, text(await store.get(key)), text(bytes));
  }
}

function agree(where: string, found: unknown, wanted: unknown): void {
  const [is, must] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (is !== must) throw new Error(`${where}: ${is.slice(0, 500)} and not ${must.slice(0, 500)}`);
}
