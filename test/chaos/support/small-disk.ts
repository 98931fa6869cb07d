import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const BALLAST = 'ballast';

/** A file system of its own with little room. Only root may make one. */
export class SmallDisk {
  private isMounted = true;

  private constructor(readonly folder: string) {}

  /** null where this process may not mount. */
  static mount(megabytes: number): SmallDisk | null {
    const folder = mkdtempSync(path.join(tmpdir(), 'vamg-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      rmdirSync(folder);
      return null;
    }
  }

  /** Leave no room at all. */
  fill(): void {
    const file = openSync(path.join(this.folder, BALLAST), 'a');
    try {
      for (let size = 1 << 20; size >= 1; size = size >> 1) writeUntilFull(file, size);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(path.join(this.folder, BALLAST), { force: true });
  }

  /** Also while something still uses it. */
  unmount(): void {
    if (!this.isMounted) return;
    execFileSync('umount', ['-l', this.folder], { stdio: 'ignore' });
    this.isMounted = false;
    rmdirSync(this.folder);
  }
}

function writeUntilFull(file: number, size: number): void {
  try {
    for (;;) writeSync(file, Buffer.alloc(size));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** From now on a process of ours can write no file beyond so many bytes; null takes the limit away. For where nothing can be mounted. */
export function limitFileSize(pid: number, bytes: number | null): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:unlimited`], { stdio: 'ignore' });
}
