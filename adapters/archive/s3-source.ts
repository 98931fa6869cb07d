import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveFile } from '../../contracts/archive';
import { whyPassedOver } from '../../core/planning/archive-names';
import { fetchObject, removeForgotten } from '../store/fetch-object';
import type { S3Bucket } from '../store/s3-bucket';
import { checkListedName, type ArchiveListing, type ArchiveSource, type FetchedVideo, type PassedOver } from './archive-source';

/** Longer than any video may take: what a worker that died brought here goes after it. */
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
    await removeForgotten(this.folder, FORGOTTEN_MS);
    try {
      await fetchObject(this.bucket, file, target, signal);
      return { path: target };
    } catch (error) {
      await this.release(file);
      throw error;
    }
  }

  async release(file: ArchiveFile): Promise<void> {
    await rm(path.dirname(this.localPath(file)), { recursive: true, force: true });
  }

  /** In a folder of its own, under its own name: messages about a video name its file. */
  private localPath(file: ArchiveFile): string {
    const folder = createHash('sha256').update(JSON.stringify([this.owner, file.name, file.version])).digest('hex');
    return path.join(this.folder, folder, file.name.split('/').at(-1)!);
  }
}
