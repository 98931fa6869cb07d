import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import { forUser } from '../output/user-folder';

/** `<video name without extension>-vamg`, for --out that was not given. */
export function defaultOutName(videoName: string): string {
  return `${videoName.replace(/\.[^.]*$/, '') || 'video'}-vamg`;
}

/**
 * Fine when nothing is there, or an empty folder, or a result of an earlier run.
 * @throws VamgError BadConfig for anything else: it would be lost
 */
export async function checkOutFolder(folder: string): Promise<void> {
  const status = await stat(folder).catch(() => null);
  if (status === null) return;
  if (!status.isDirectory()) throw new VamgError('BadConfig', `--out ${forUser(folder)} is a file; give a folder.`);
  const names = await readdir(folder);
  if (names.length === 0 || (await isResult(folder))) return;
  throw new VamgError('BadConfig', `${forUser(folder)} exists and is not a result of vamg, so it is not overwritten; give another folder with --out.`);
}

async function isResult(folder: string): Promise<boolean> {
  try {
    const summary = JSON.parse(await readFile(path.join(folder, 'result.json'), 'utf8')) as { schemaVersion?: unknown };
    return summary.schemaVersion === 1 && (await stat(path.join(folder, 'masks.jsonl'))).isFile();
  } catch {
    return false;
  }
}

/**
 * Fill a folder beside `folder`, then put it in its place: the folder is complete or absent, also when we are killed. A former
 * result is replaced.
 * @param check throws when what lies in the folder's place must not be replaced; asked before and after.
 * @throws VamgError BadConfig as checkOutFolder
 */
export async function writeOutFolder(folder: string, fill: (partial: string) => Promise<void>, check: (folder: string) => Promise<void> = checkOutFolder): Promise<void> {
  await check(folder);
  await mkdir(path.dirname(folder), { recursive: true });
  await removeLeftovers(folder);
  const partial = `${folder}.partial-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(partial);
    await fill(partial);
    await check(folder);
    await replace(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function replace(partial: string, folder: string): Promise<void> {
  const isThere = (await stat(folder).catch(() => null)) !== null;
  if (!isThere) return await rename(partial, folder);
  const former = partial.replace('.partial-', '.former-');
  await rename(folder, former);
  try {
    await rename(partial, folder);
  } catch (error) {
    await rename(former, folder);
    throw error;
  }
  await rm(former, { recursive: true, force: true });
}

/** What a killed run left beside the folder more than an hour ago. */
async function removeLeftovers(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  const pattern = /^\.(partial|former)-[0-9a-f]{8}$/;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(path.basename(folder)) || !pattern.test(name.slice(path.basename(folder).length))) continue;
    const leftover = path.join(parent, name);
    const status = await stat(leftover).catch(() => null);
    if (status !== null && Date.now() - status.mtimeMs > 3600_000) await rm(leftover, { recursive: true, force: true });
  }
}
