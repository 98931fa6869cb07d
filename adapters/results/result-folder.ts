import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const LEFTOVER_MS = 3600_000;

/** What is where a result folder shall be. */
export type Occupant = 'nothing' | 'result' | 'file' | 'other';

/** Nothing, an empty folder counted in; a result of an earlier run; or something that must not be lost. */
export async function occupantOf(folder: string): Promise<Occupant> {
  const status = await stat(folder).catch(() => null);
  if (status === null) return 'nothing';
  if (!status.isDirectory()) return 'file';
  if ((await readdir(folder)).length === 0) return 'nothing';
  return (await isResult(folder)) ? 'result' : 'other';
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
 * Fill a folder beside `folder`, then put it in its place: the folder is complete or absent, also when we are killed. What was
 * there before is replaced.
 * @param check throws when what is there must stay; called before and after the filling
 */
export async function replaceFolder(folder: string, check: () => Promise<void>, fill: (partial: string) => Promise<void>): Promise<void> {
  await recoverFolder(folder);
  await check();
  await mkdir(path.dirname(folder), { recursive: true });
  await removeLeftovers(folder);
  const partial = `${folder}.partial-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(partial);
    await fill(partial);
    await check();
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
  // Under the name of what may go: only a whole folder is ever called former.
  await rename(former, partial);
  await rm(partial, { recursive: true, force: true });
}

/**
 * Put back a folder that was to be replaced by a run that was killed between taking it away and putting the new one in its place. Does
 * nothing otherwise.
 */
export async function recoverFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => null)) !== null) return;
  const former = (await leftoversOf(folder)).find((name) => path.basename(name).startsWith(`${path.basename(folder)}.former-`));
  if (former !== undefined) await rename(former, folder);
}

/** What a killed run left beside the folder more than an hour ago. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const leftover of await leftoversOf(folder)) {
    const status = await stat(leftover).catch(() => null);
    if (status !== null && Date.now() - status.mtimeMs > LEFTOVER_MS) await rm(leftover, { recursive: true, force: true });
  }
}

/** Paths of folders that replaceFolder made beside a folder and that are still there. */
async function leftoversOf(folder: string): Promise<string[]> {
  const parent = path.dirname(folder);
  const pattern = /^\.(partial|former)-[0-9a-f]{8}$/;
  const names = await readdir(parent).catch(() => []);
  return names.filter((name) => name.startsWith(path.basename(folder)) && pattern.test(name.slice(path.basename(folder).length))).map((name) => path.join(parent, name));
}
