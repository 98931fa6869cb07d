import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Characters that wait in memory, of all objects together. */
const BUFFERED = 8 << 20;

/** Sorts what is read frame by frame into one scratch file per object, for formats that want each object in one piece. */
export class ObjectSpool {
  readonly #waiting = new Map<number, string[]>();
  #size = 0;

  private constructor(private readonly folder: string) {}

  /** Make a scratch folder for the time of `use`. */
  static async with<T>(folder: string, use: (spool: ObjectSpool) => Promise<T>): Promise<T> {
    await mkdir(folder, { recursive: true });
    try {
      return await use(new ObjectSpool(folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Add a line to an object. */
  async add(id: number, line: string): Promise<void> {
    const lines = this.#waiting.get(id);
    if (lines === undefined) this.#waiting.set(id, [line]);
    else lines.push(line);
    this.#size += line.length;
    if (this.#size > BUFFERED) await this.flush();
  }

  /** The lines of an object in the order in which they were added. */
  async *read(id: number): AsyncGenerator<string, void, undefined> {
    await this.flush();
    yield* createInterface({ input: createReadStream(this.#file(id)), crlfDelay: Infinity });
  }

  private async flush(): Promise<void> {
    for (const [id, lines] of this.#waiting) await appendFile(this.#file(id), `${lines.join('\n')}\n`);
    this.#waiting.clear();
    this.#size = 0;
  }

  #file(id: number): string {
    return path.join(this.folder, String(id));
  }
}
