import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { VamgError } from '../../contracts/errors';
import { isResourceError } from './store-errors';

/** Writes lines into a file, gzip'd or plain, holding no more than a few of them in memory. The same lines give the same bytes. */
export class LineWriter {
  #lines = 0;
  readonly #finished: Promise<void>;
  readonly #input: NodeJS.WritableStream;
  #failure: unknown = null;

  constructor(file: string, options: { gzip: boolean } = { gzip: true }) {
    const output = createWriteStream(file);
    if (options.gzip) {
      const gzip = createGzip({ level: 6 });
      this.#input = gzip;
      this.#finished = pipeline(gzip, output);
    } else {
      this.#input = output;
      this.#finished = new Promise((resolve, reject) => output.once('finish', resolve).once('error', reject));
    }
    this.#finished.catch((error: unknown) => (this.#failure = error));
  }

  get lines(): number {
    return this.#lines;
  }

  /** One line, without its line break. */
  async write(line: string): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#lines++;
    if (!this.#input.write(`${line}\n`)) await Promise.race([once(this.#input, 'drain'), this.#finished]);
  }

  /** Flush and close; after it the file is whole. */
  async close(): Promise<void> {
    this.#input.end();
    await this.#finished;
  }
}

/** Lines of a gzip'd file, one at a time. @throws VamgError CorruptArtifact when it is not whole */
export async function* readGzipLines(file: string): AsyncGenerator<string, void, undefined> {
  const gunzip = createGunzip();
  const source = createReadStream(file);
  source.once('error', (error) => gunzip.destroy(error));
  const lines = createInterface({ input: source.pipe(gunzip), crlfDelay: Infinity });
  const failed = once(gunzip, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), failed]);
      if (step.done === true) break;
      if (step.value !== '') yield step.value;
    }
    if (gunzip.errored !== null) throw gunzip.errored;
  } catch (cause) {
    throw unpackError(cause);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Each line parsed as JSON. */
export async function* readGzipJson(file: string): AsyncGenerator<unknown, void, undefined> {
  for await (const line of readGzipLines(file)) yield JSON.parse(line);
}

/** Unpack a gzip'd file. @throws VamgError CorruptArtifact */
export async function gunzipFile(from: string, to: string): Promise<void> {
  try {
    await pipeline(createReadStream(from), createGunzip(), createWriteStream(to));
  } catch (cause) {
    throw unpackError(cause);
  }
}

/** That there is no room to unpack it says nothing about the list. */
function unpackError(cause: unknown): unknown {
  return isResourceError(cause) ? cause : new VamgError('CorruptArtifact', 'A stored list cannot be unpacked to its end.', { cause });
}
