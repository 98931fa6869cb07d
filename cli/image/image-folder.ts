import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import { forUser } from '../output/user-folder';

export const MASKS_FILE = 'masks.json';

/**
 * Refuse a folder that holds something other than an earlier result of this command, before any work is done.
 * @throws VamgError BadConfig
 */
export async function checkImageFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (!found) return;
  if (!found.isDirectory()) throw new VamgError('BadConfig', `--out ${forUser(folder)} is a file; name a folder.`);
  const names = await readdir(folder);
  if (names.length > 0 && !names.includes(MASKS_FILE))
    throw new VamgError('BadConfig', `--out ${forUser(folder)} holds other files; name a new or empty folder.`);
}

/** Let `write` fill a folder beside `folder`, then put it in its place: the result is complete or absent. */
export async function writeImageFolder(folder: string, write: (partial: string) => Promise<void>): Promise<void> {
  const name = path.basename(folder);
  const beside = (suffix: string): string => path.join(path.dirname(folder), `.${name}.${process.pid}.${suffix}`);
  const partial = beside('partial');
  const former = beside('former');
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await write(partial);
    await checkImageFolder(folder);
    await rename(folder, former).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(partial, folder);
  } catch (error) {
    throw explain(error, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
    await rm(former, { recursive: true, force: true });
  }
}

function explain(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return new VamgError('ResourceExhausted', 'The disk is full; free some space and run the command again.', { cause: error });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new VamgError('BadConfig', `--out ${forUser(folder)} cannot be written; choose another folder.`, { cause: error });
  return error;
}
