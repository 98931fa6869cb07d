import { mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { hashFile } from './hash-file';
import type { ObjectStore } from './object-store';
import { VideoCache } from './video-cache';

export interface RegisteredSource {
  /** sha256 of the bytes. */
  readonly videoId: string;
  readonly bytes: number;
}

/** Knows where the bytes of a video are. Payloads and artefacts name a video by its sha256 only; host paths stay in here. */
export interface SourceRegistry {
  /** True when a registered video is read where it is, so that it has to stay there. */
  readonly readsInPlace: boolean;
  /** Hash a local video and make it known to the workers. @throws VamgError PoisonVideo when it cannot be read */
  register(localPath: string, signal?: AbortSignal): Promise<RegisteredSource>;
  /** Local path of a known video. @throws VamgError NotFound when it is gone, PoisonVideo when it has changed */
  resolve(videoId: string): Promise<string>;
}

/** Marks that say when a job was last started with a video of the store. */
export const SOURCE_MARKS = 'v1/source/';

const recordSchema = z.strictObject({ path: z.string(), bytes: z.int().min(0), modifiedAtMs: z.number() });

async function hashVideo(localPath: string, signal?: AbortSignal): Promise<RegisteredSource & { file: string; modifiedAtMs: number }> {
  try {
    const file = await realpath(localPath);
    const before = await stat(file);
    if (!before.isFile()) throw new VamgError('PoisonVideo', 'The video is not a file.');
    const { sha256, bytes } = await hashFile(file, signal);
    return { videoId: sha256, bytes, file, modifiedAtMs: before.mtimeMs };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof VamgError) throw cause;
    throw new VamgError('PoisonVideo', 'The video cannot be read; check that the file exists and may be read.', { cause });
  }
}

/** For workers on the same machine as the file store: remembers the path, which is read in place. */
export class FileSourceRegistry implements SourceRegistry {
  readonly readsInPlace = true;

  constructor(private readonly folder: string) {}

  async register(localPath: string, signal?: AbortSignal): Promise<RegisteredSource> {
    const { videoId, bytes, file, modifiedAtMs } = await hashVideo(localPath, signal);
    await mkdir(this.folder, { recursive: true });
    const temp = path.join(this.folder, `.${randomUUID()}`);
    await writeFile(temp, JSON.stringify({ path: file, bytes, modifiedAtMs }), { mode: 0o600, flush: true });
    await rename(temp, path.join(this.folder, `${videoId}.json`));
    return { videoId, bytes };
  }

  async resolve(videoId: string): Promise<string> {
    if (!/^[0-9a-f]{64}$/.test(videoId)) throw new VamgError('BadConfig', 'A video ID is 64 hexadecimal digits.');
    const short = videoId.slice(0, 12);
    const text = await readFile(path.join(this.folder, `${videoId}.json`), 'utf8').catch((cause: unknown) => {
      throw new VamgError('NotFound', `Video ${short} is not known on this machine; workers of a file store run where the job was started.`, { cause });
    });
    const record = recordSchema.parse(JSON.parse(text));
    const now = await stat(record.path).catch((cause: unknown) => {
      throw new VamgError('NotFound', `Video ${short} is no longer where it was when the job was started; put it back and start the job again.`, { cause });
    });
    if (now.size !== record.bytes || now.mtimeMs !== record.modifiedAtMs)
      throw new VamgError('PoisonVideo', `Video ${short} has changed since the job was started; start a new job for the new content.`);
    return record.path;
  }
}

/** Videos are uploaded once under their hash; workers fetch them into a local cache of limited size. */
export class S3SourceRegistry implements SourceRegistry {
  readonly readsInPlace = false;
  private readonly cache: VideoCache;

  constructor(
    private readonly store: ObjectStore,
    cacheDir: string,
    limitBytes = 50e9,
  ) {
    this.cache = new VideoCache(store, cacheDir, limitBytes);
  }

  async register(localPath: string, signal?: AbortSignal): Promise<RegisteredSource> {
    const { videoId, bytes, file } = await hashVideo(localPath, signal);
    const key = `v1/data/${videoId}`;
    const known = await this.store.stat(key);
    if (known?.bytes !== bytes) await this.store.putFile(key, file);
    await this.store.put(`${SOURCE_MARKS}${videoId}.json`, Buffer.from('{}'));
    return { videoId, bytes };
  }

  async resolve(videoId: string): Promise<string> {
    return await this.cache.fetch(videoId);
  }
}
