import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import type { ArchiveFile } from '../../contracts/archive';
import { entersFolder, whyPassedOver } from '../../core/planning/archive-names';
import { errorCode } from '../store/store-errors';
import { checkListedName, type ArchiveListing, type ArchiveSource, type FetchedVideo, type PassedOver } from './archive-source';

/** One thing that a walk comes by: a file, or something that is not taken, with the reason. */
interface Seen {
  readonly name: string;
  readonly reason: string | null;
}

/**
 * Videos in a folder and the folders below it. Symbolic links are not followed, neither to files nor to folders: they could lead out
 * of the archive.
 */
export class FolderSource implements ArchiveSource {
  constructor(private readonly folder: string) {}

  async list(after: string | null, limit: number): Promise<ArchiveListing> {
    const files: ArchiveFile[] = [];
    const passedOver: PassedOver[] = [];
    let seen = 0;
    let last = '';
    for await (const { name, reason } of this.walk('', after === null ? null : after.split('/'))) {
      if (seen === limit) return { files, passedOver, next: last };
      seen++;
      last = name;
      const why = reason ?? whyPassedOver(name);
      const file = why === null ? await this.stat(name) : null;
      if (file !== null) files.push(file);
      else passedOver.push({ name, reason: why ?? 'it cannot be looked up' });
    }
    return { files, passedOver, next: null };
  }

  async fetch(file: ArchiveFile): Promise<FetchedVideo> {
    checkListedName(file.name);
    const found = await this.stat(file.name);
    if (found?.bytes !== file.bytes || found.version !== file.version) throw new VamgError('NotFound', 'The file is gone, or has changed since it was listed.');
    return { path: path.join(this.folder, file.name) };
  }

  async release(): Promise<void> {
    // The file is read in place.
  }

  /** null when it is no file, or lies behind a symbolic link. */
  private async stat(name: string): Promise<ArchiveFile | null> {
    const file = path.join(this.folder, name);
    try {
      const status = await lstat(file);
      const isInside = (await realpath(file)) === path.join(await realpath(this.folder), name);
      return status.isFile() && isInside ? { name, bytes: status.size, version: `${status.size}-${status.mtimeMs}` } : null;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errorCode(error))) return null;
      throw new VamgError('StoreUnavailable', `A file of the archive could not be looked up (${errorCode(error)}).`, { cause: error });
    }
  }

  /**
   * Depth first, entries sorted by name.
   * @param after parts of the last name that was seen, below this folder; null for everything
   */
  private async *walk(folder: string, after: readonly string[] | null): AsyncGenerator<Seen> {
    const entries = await this.entries(folder);
    if (entries === null) return yield { name: folder, reason: 'a folder that may not be read' };
    for (const entry of entries) {
      const [reached, ...deeper] = after ?? [''];
      if (after !== null && entry.name < reached!) continue;
      const isReached = after !== null && entry.name === reached;
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && entersFolder(entry.name)) yield* this.walk(name, isReached && deeper.length > 0 ? deeper : null);
      else if (isReached || entry.isDirectory()) continue;
      else yield { name, reason: entry.isFile() ? null : entry.isSymbolicLink() ? 'a symbolic link, which is not followed' : 'not a regular file' };
    }
  }

  /** null for a folder below the archive's that may not be read. */
  private async entries(folder: string): Promise<Dirent[] | null> {
    try {
      const entries = await readdir(path.join(this.folder, folder), { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (cause) {
      // A folder that went away while it was read is no longer part of the archive.
      if (folder !== '' && ['ENOENT', 'ENOTDIR'].includes(errorCode(cause))) return [];
      if (folder !== '' && ['EACCES', 'EPERM'].includes(errorCode(cause))) return null;
      throw new VamgError('BadConfig', `The folder of the archive cannot be read (${errorCode(cause)}); check that it is there and may be read by the workers.`, { cause });
    }
  }
}
