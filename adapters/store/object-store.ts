import { VamgError } from '../../contracts/errors';

export interface ObjectStat {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

/**
 * Where artefacts live. Writing is atomic: an object is there as a whole or not at all. Nothing here checks content; that is
 * ArtefactStore's task, which compares the sha256 of everything it reads.
 *
 * Every method throws VamgError StoreUnavailable (worth another attempt), ResourceExhausted (disk full), or BadConfig
 * (no permission, no such bucket, a key that is not allowed).
 */
export interface ObjectStore {
  /** For messages: names the kind of store, never a host path or a credential. */
  readonly description: string;
  /** Write or replace. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Write or replace from a local file. */
  putFile(key: string, localPath: string): Promise<void>;
  /** Write only when there is nothing yet; false when there is. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** @throws VamgError NotFound */
  get(key: string): Promise<Uint8Array>;
  /** Write the object into a local file, replacing it. @throws VamgError NotFound */
  getToFile(key: string, localPath: string): Promise<void>;
  /** null when there is no such object. */
  stat(key: string): Promise<ObjectStat | null>;
  exists(key: string): Promise<boolean>;
  /** All objects whose key starts with `prefix` (a whole folder, ending in a slash), in key order. What others put there under names that are no keys is passed over. */
  list(prefix: string): AsyncIterable<ObjectStat>;
  /** Removing what is not there is fine. */
  remove(key: string): Promise<void>;
  /** Remove what writers that were killed before a time left unfinished: temporary files, uploads. Gives how many. */
  removeAbandoned(beforeMs: number): Promise<number>;
}

const KEY = /^v1(\/[a-z0-9_][a-z0-9._-]{0,127}){1,8}$/;
const PREFIX = /^v1(\/[a-z0-9_][a-z0-9._-]{0,127}){0,8}\/$/;

/** Keys are lower-case words joined by slashes under `v1/`; no part starts with a dot. */
export function isKey(key: string): boolean {
  return KEY.test(key);
}

/** @throws VamgError BadConfig for what is no key */
export function checkKey(key: string): string {
  if (!isKey(key)) throw new VamgError('BadConfig', `"${key.slice(0, 80)}" is not a valid object key.`);
  return key;
}

/** As checkKey, for the prefix of a listing, which ends in a slash. */
export function checkPrefix(prefix: string): string {
  if (!PREFIX.test(prefix)) throw new VamgError('BadConfig', `"${prefix.slice(0, 80)}" is not a valid object prefix.`);
  return prefix;
}

/** The error for a missing object. */
export function objectNotFound(key: string): VamgError {
  return new VamgError('NotFound', `The store has no object ${key}.`, { details: { key } });
}

/** What `work` finds; null where it ends with NotFound. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof VamgError && error.failure === 'NotFound') return null;
    throw error;
  }
}

/** Remove all objects whose key starts with `prefix`. */
export async function removeUnder(store: ObjectStore, prefix: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  for (const key of keys) await store.remove(key);
}
