import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import type { ArchiveFile } from '../../contracts/archive';
import { whyPassedOver } from '../../core/planning/archive-names';
import type { S3Bucket } from '../store/s3-bucket';
import { checkListedName, type ArchiveListing, type ArchiveSource, type FetchedVideo, type PassedOver } from './archive-source';

/** Longer than any video may take. */
const FORGOTTEN_MS = 30 * 24 * 3600_000;

/** Videos below a prefix of a bucket. They are fetched into a local folder, one file each, until they are released. */
export class S3Source implements ArchiveSource {
  constructor(
    private readonly bucket: S3Bucket,
    /** Tells archives apart in the local folder. */
    private readonly owner: string,
    private readonly folder: string,
  ) {}

  async list(after: string | null, limit: number): Promise<ArchiveListing> {
    const { objects, isTruncated } = await this.bucket.listPage(after, limit);
    const files: ArchiveFile[] = [];
    const passedOver: PassedOver[] = [];
    for (const { name, bytes, version } of objects) {
      // Consoles make empty objects for folders.
      if (name.endsWith('/') || name === '') continue;
      const reason = whyPassedOver(name);
      if (reason === null) files.push({ name, bytes, version });
      else passedOver.push({ name, reason });
    }
    return { files, passedOver, next: isTruncated ? (objects.at(-1)?.name ?? null) : null };
  }

  async fetch(file: ArchiveFile, signal: AbortSignal): Promise<FetchedVideo> {
    checkListedName(file.name);
    const target = this.localPath(file);
    if ((await stat(target).catch(() => null))?.size === file.bytes) return { path: target };
    await this.check(file);
    await mkdir(path.dirname(target), { recursive: true });
    await this.removeForgotten();
    const partial = `${target}.partial-${process.pid}`;
    try {
      await this.bucket.getToFile(file.name, partial);
      signal.throwIfAborted();
      await this.check(file);
      if ((await stat(partial)).size !== file.bytes) throw new VamgError('StoreUnavailable', 'The download has another length than the object.');
      await rename(partial, target);
      return { path: target };
    } catch (error) {
      await this.release(file);
      throw error;
    }
  }

  async release(file: ArchiveFile): Promise<void> {
    await rm(path.dirname(this.localPath(file)), { recursive: true, force: true });
  }

  /** What a worker that died brought here and nobody asked for since. */
  private async removeForgotten(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const file = path.join(this.folder, name);
      const age = await stat(file).then((found) => Date.now() - found.mtimeMs, () => 0);
      if (age > FORGOTTEN_MS) await rm(file, { recursive: true, force: true });
    }
  }

  /** Looked up before and after the transfer, so that the bytes are those of this version. */
  private async check(file: ArchiveFile): Promise<void> {
    const found = await this.bucket.stat(file.name);
    if (found?.bytes !== file.bytes || found.version !== file.version) throw new VamgError('NotFound', 'The object is gone, or has changed since it was listed.');
  }

  /** In a folder of its own, under its own name: messages about a video name its file. */
  private localPath(file: ArchiveFile): string {
    const folder = createHash('sha256').update(JSON.stringify([this.owner, file.name, file.version])).digest('hex');
    return path.join(this.folder, folder, file.name.split('/').at(-1)!);
  }
}
