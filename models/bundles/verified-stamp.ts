import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STAMP_FILE = 'verified.json';

interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
}

type Stamp = Record<string, FileStamp>;

/**
 * Remembers size and time of files whose sha256 was checked, so that start-up does not read tens of megabytes. A file that
 * changed in either must be hashed again; `vamg models verify` hashes always.
 */
export class VerifiedStamp {
  private constructor(
    private readonly directory: string,
    private readonly files: Stamp,
  ) {}

  /** An unreadable stamp counts as none. */
  static async read(directory: string): Promise<VerifiedStamp> {
    try {
      return new VerifiedStamp(directory, JSON.parse(await readFile(join(directory, STAMP_FILE), 'utf8')) as Stamp);
    } catch {
      return new VerifiedStamp(directory, {});
    }
  }

  /** True when the file is there and is the one that was hashed. */
  async covers(name: string, size: number): Promise<boolean> {
    const known = this.files[name];
    if (!known || known.size !== size) return false;
    const now = await stat(join(this.directory, name)).catch(() => null);
    return now !== null && now.isFile() && now.size === known.size && now.mtimeMs === known.mtimeMs;
  }

  /** Record a file as just hashed and found right. */
  async add(name: string): Promise<void> {
    const { size, mtimeMs } = await stat(join(this.directory, name));
    this.files[name] = { size, mtimeMs };
  }

  remove(name: string): void {
    delete this.files[name];
  }

  async save(): Promise<void> {
    const part = join(this.directory, `.${STAMP_FILE}.${process.pid}.part`);
    await writeFile(part, `${JSON.stringify(this.files, null, 2)}\n`);
    await rename(part, join(this.directory, STAMP_FILE));
  }
}
