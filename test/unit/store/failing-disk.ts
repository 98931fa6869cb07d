import { truncateSync, type PathLike } from 'node:fs';
import type * as FileSystem from 'node:fs/promises';

/**
 * `error`: one operation fails with ENOSPC, the rest works. `kill`: the process is gone in the middle of one operation, nothing after it
 * happens. `power`: as kill, and what was written but not flushed is lost.
 */
export type Mishap = 'error' | 'kill' | 'power';

class Gone extends Error {}

/** What the file operations of a test file go through, when it mocks node:fs/promises with `wrapFileSystem`. */
class FailingDisk {
  private mishap: Mishap | null = null;
  private left = Infinity;
  private isGone = false;
  private readonly dirty = new Set<string>();
  private readonly handles = new Set<FileSystem.FileHandle>();
  /** The operation in which it happened; null when there were fewer. */
  struck: string | null = null;

  /** From now on the n-th operation (from 1) is the one in which it happens. */
  arm(mishap: Mishap, n: number): void {
    [this.mishap, this.left, this.struck, this.isGone] = [mishap, n, null, false];
    this.dirty.clear();
  }

  /** As after a restart of the machine: everything works again. */
  async recover(): Promise<void> {
    if (this.mishap === 'power' && this.isGone) for (const file of this.dirty) truncateSync(file, 0);
    for (const handle of this.handles) await handle.close();
    this.handles.clear();
    [this.mishap, this.isGone] = [null, false];
  }

  /** @param half what of the operation happens when it is cut off in its middle */
  async step<T>(name: string, whole: () => Promise<T>, half: () => Promise<unknown> = async () => undefined): Promise<T> {
    if (this.isGone) throw new Gone();
    if (this.mishap === null || this.struck !== null || --this.left > 0) return await whole();
    this.struck = name;
    await half();
    if (this.mishap === 'error') throw Object.assign(new Error(`${name}: no space left`), { code: 'ENOSPC' });
    this.isGone = true;
    throw new Gone();
  }

  written(file: PathLike): void {
    this.dirty.add(String(file));
  }

  flushed(file: PathLike): void {
    this.dirty.delete(String(file));
  }

  moved(from: PathLike, to: PathLike): void {
    if (this.dirty.delete(String(from))) this.dirty.add(String(to));
  }

  opened(handle: FileSystem.FileHandle): void {
    this.handles.add(handle);
  }

  closed(handle: FileSystem.FileHandle): void {
    this.handles.delete(handle);
  }
}

export const disk = new FailingDisk();

type Files = typeof FileSystem;

/** node:fs/promises, each operation a step of `disk`. */
export function wrapFileSystem(actual: Files): Files {
  const plain = (name: keyof Files): unknown => async (...args: unknown[]): Promise<unknown> => await disk.step(name, () => (actual[name] as (...given: unknown[]) => Promise<unknown>)(...args));
  const plainOnes = (['mkdir', 'realpath', 'lstat', 'stat', 'readdir', 'readFile', 'rm'] as const).map((name) => [name, plain(name)]);
  return {
    ...actual,
    ...(Object.fromEntries(plainOnes) as Partial<Files>),
    rename: async (from, to) => {
      await disk.step('rename', () => actual.rename(from, to));
      disk.moved(from, to);
    },
    link: async (from, to) => {
      await disk.step('link', () => actual.link(from, to));
      disk.moved(from, to);
    },
    copyFile: async (from, to, mode) => {
      const half = async (): Promise<void> => {
        const bytes = await actual.readFile(String(from));
        await actual.writeFile(String(to), bytes.subarray(0, bytes.length >> 1));
      };
      disk.written(to);
      await disk.step('copyFile', () => actual.copyFile(from, to, mode), half);
    },
    open: async (file, flags, mode) => {
      const handle = await disk.step('open', () => actual.open(file, flags, mode));
      disk.opened(handle);
      return wrapHandle(handle, file);
    },
  };
}

function wrapHandle(handle: FileSystem.FileHandle, file: PathLike): FileSystem.FileHandle {
  const own: Partial<Record<keyof FileSystem.FileHandle, unknown>> = {
    writeFile: async (bytes: Uint8Array) => {
      disk.written(file);
      await disk.step('writeFile', () => handle.writeFile(bytes), () => handle.writeFile(bytes.subarray(0, bytes.length >> 1)));
    },
    sync: async () => {
      // Flushed for the test, which is all that is asked about; a real flush would only cost time.
      await disk.step('sync', async () => undefined);
      disk.flushed(file);
    },
    close: async () => {
      await disk.step('close', () => handle.close());
      disk.closed(handle);
    },
  };
  return new Proxy(handle, { get: (target, name) => own[name as keyof FileSystem.FileHandle] ?? Reflect.get(target, name) });
}
