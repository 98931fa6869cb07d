import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import { hashFile } from './hash-file';
import type { ObjectStore } from './object-store';

const USED_RECENTLY_MS = 3600_000;

/** A folder of videos fetched from a store, named by their hash; those not used for longest go when it grows over its limit. */
export class VideoCache {
  private readonly fetching = new Map<string, Promise<string>>();

  constructor(
    private readonly store: ObjectStore,
    private readonly folder: string,
    private readonly limitBytes: number,
  ) {}

  /** Local path of the video; fetched and verified when it is not there. @throws VamgError NotFound, CorruptArtifact */
  async fetch(videoId: string): Promise<string> {
    if (!/^[0-9a-f]{64}$/.test(videoId)) throw new VamgError('BadConfig', 'A video ID is 64 hexadecimal digits.');
    const running = this.fetching.get(videoId);
    if (running !== undefined) return await running;
    const started = this.fetchOnce(videoId).finally(() => this.fetching.delete(videoId));
    this.fetching.set(videoId, started);
    return await started;
  }

  private async fetchOnce(videoId: string): Promise<string> {
    const key = `v1/data/${videoId}`;
    const file = path.join(this.folder, videoId);
    const wanted = await this.store.stat(key);
    if (wanted === null) throw new VamgError('NotFound', `Video ${videoId.slice(0, 12)} is not in the store; start the job again to upload it.`);
    const present = await stat(file).catch(() => null);
    if (present?.size === wanted.bytes) {
      await utimes(file, new Date(), new Date());
      return file;
    }
    await mkdir(this.folder, { recursive: true });
    const temp = path.join(this.folder, `.${randomUUID()}`);
    try {
      await this.download(key, videoId, temp);
      await rename(temp, file);
    } finally {
      await rm(temp, { force: true });
    }
    await this.evict(videoId);
    return file;
  }

  /** What is damaged on its way is fetched once more. */
  private async download(key: string, videoId: string, temp: string): Promise<void> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      await this.store.getToFile(key, temp);
      if ((await hashFile(temp)).sha256 === videoId) return;
    }
    throw new VamgError('CorruptArtifact', `Video ${videoId.slice(0, 12)} does not have the bytes that were uploaded; upload it again.`);
  }

  /** Videos in use by another activity are younger than an hour and stay, even over the limit. */
  private async evict(keep: string): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const files = await Promise.all(names.map(async (name) => ({ name, stat: await stat(path.join(this.folder, name)) })));
    let total = files.reduce((sum, file) => sum + file.stat.size, 0);
    for (const file of files.sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs)) {
      if (total <= this.limitBytes) return;
      if (file.name === keep || Date.now() - file.stat.mtimeMs < USED_RECENTLY_MS) continue;
      await rm(path.join(this.folder, file.name), { force: true });
      total -= file.stat.size;
    }
  }
}
