import { constants, copyFile, link, lstat, mkdir, open, readFile, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import { errorCode, storeErrorFromNode } from './store-errors';
import { checkKey, checkPrefix, isKey, objectNotFound, type ObjectStat, type ObjectStore } from './object-store';

const LEFTOVER_MS = 24 * 3600_000;

/**
 * A store in a folder. Objects are written to a temporary file in the same file system, flushed, and renamed (or linked, for
 * putIfAbsent) into place, so that a crash or a full disk leaves no partial object. Symbolic links inside the folder are refused.
 */
export class FileStore implements ObjectStore {
  readonly description = 'file store';
  private constructor(private readonly root: string) {}

  /** Create the folder when needed. @throws VamgError BadConfig when it cannot be used */
  static async open(folder: string): Promise<FileStore> {
    try {
      await mkdir(path.join(folder, 'tmp'), { recursive: true });
      const root = await realpath(folder);
      if ((await realpath(path.join(root, 'tmp'))) !== path.join(root, 'tmp')) throw linkRefused();
      await removeOldFiles(path.join(root, 'tmp'), Date.now() - LEFTOVER_MS);
      return new FileStore(root);
    } catch (cause) {
      if (cause instanceof VamgError) throw cause;
      throw new VamgError('BadConfig', `The store folder cannot be used (${errorCode(cause)}); choose another with --store.`, { cause });
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.place(key, (temp) => writeAndSync(temp, bytes), rename);
  }

  async putFile(key: string, localPath: string): Promise<void> {
    await this.place(key, (temp) => copyAndSync(localPath, temp), rename);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    if (await this.exists(key)) return false;
    try {
      await this.place(key, (temp) => writeAndSync(temp, bytes), link);
      return true;
    } catch (error) {
      if (error instanceof VamgError && errorCode(error.cause) === 'EEXIST') return false;
      throw error;
    }
  }

  async get(key: string): Promise<Uint8Array> {
    return await this.reading(key, (file) => readFile(file));
  }

  async getToFile(key: string, localPath: string): Promise<void> {
    await this.reading(key, (file) => copyFile(file, localPath, constants.COPYFILE_FICLONE));
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const file = this.locate(key);
    try {
      const stat = await this.refuseLinks(file);
      return stat.isFile() ? { key, bytes: stat.size, modifiedAtMs: stat.mtimeMs } : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw storeErrorFromNode(error);
    }
  }

  async exists(key: string): Promise<boolean> {
    return (await this.stat(key)) !== null;
  }

  async *list(prefix: string): AsyncGenerator<ObjectStat> {
    yield* this.walk(checkPrefix(prefix).slice(0, -1));
  }

  async remove(key: string): Promise<void> {
    const file = this.locate(key);
    try {
      await this.refuseLinks(file);
      await rm(file, { force: true });
    } catch (error) {
      if (!isMissing(error)) throw storeErrorFromNode(error);
    }
  }

  async removeAbandoned(beforeMs: number): Promise<number> {
    return await removeOldFiles(path.join(this.root, 'tmp'), Math.min(beforeMs, Date.now() - LEFTOVER_MS));
  }

  /** Depth first, in the order of whole keys: "a-b" sorts before "a/b", so folders sort with their slash. */
  private async *walk(folder: string): AsyncGenerator<ObjectStat> {
    const entries = await readdir(path.join(this.root, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw storeErrorFromNode(error);
    });
    const names = entries.filter((entry) => entry.isFile() || entry.isDirectory()).map((entry) => entry.name + (entry.isDirectory() ? '/' : ''));
    for (const name of names.sort()) {
      if (name.endsWith('/')) yield* this.walk(`${folder}/${name.slice(0, -1)}`);
      else if (isKey(`${folder}/${name}`)) {
        const stat = await this.stat(`${folder}/${name}`);
        if (stat !== null) yield stat;
      }
    }
  }

  private locate(key: string): string {
    const file = path.resolve(this.root, checkKey(key));
    if (!file.startsWith(this.root + path.sep)) throw new VamgError('BadConfig', `The object key ${key} leaves the store.`);
    return file;
  }

  /** @throws VamgError BadConfig when the file or a folder above it, inside the store, is a symbolic link */
  private async refuseLinks(file: string): Promise<Stats> {
    const folder = path.dirname(file);
    if ((await realpath(folder)) !== folder) throw linkRefused();
    const stat = await lstat(file);
    if (stat.isSymbolicLink()) throw linkRefused();
    return stat;
  }

  private async reading<T>(key: string, read: (file: string) => Promise<T>): Promise<T> {
    const file = this.locate(key);
    try {
      await this.refuseLinks(file);
      return await read(file);
    } catch (error) {
      if (isMissing(error)) throw objectNotFound(key);
      throw storeErrorFromNode(error);
    }
  }

  private async place(key: string, write: (temp: string) => Promise<void>, move: (from: string, to: string) => Promise<void>): Promise<void> {
    const file = this.locate(key);
    const folder = path.dirname(file);
    const temp = path.join(this.root, 'tmp', randomUUID());
    try {
      if ((await realpathOfNew(folder)) !== folder) throw linkRefused();
      await write(temp);
      await move(temp, file);
      await syncFolder(folder);
    } catch (error) {
      throw storeErrorFromNode(error);
    } finally {
      await rm(temp, { force: true }).catch(() => undefined);
    }
  }
}

/** Where a folder really is, which is made when it is not there. */
async function realpathOfNew(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(folder, { recursive: true });
    return await realpath(folder);
  }
}

function linkRefused(): VamgError {
  return new VamgError('BadConfig', 'The store holds a symbolic link, which is not followed; remove it.');
}

/** What killed processes left behind; younger files may be in use by another process. Gives how many. */
async function removeOldFiles(folder: string, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const changedMs = await stat(file).then((found) => found.mtimeMs, () => Infinity);
    if (changedMs >= beforeMs) continue;
    await rm(file, { force: true });
    removed++;
  }
  return removed;
}

async function writeAndSync(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copyAndSync(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const handle = await open(to, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename itself durable where the system allows it (not on Windows). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error));
}
