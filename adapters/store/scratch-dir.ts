import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Longer than any step may take. */
const LEFTOVER_MS = 48 * 3600_000;

/** Remove the folders of processes that were killed. @param isDryRun only count. @returns how many */
export async function removeOldScratch(root: string, isDryRun = false): Promise<number> {
  let old = 0;
  for (const name of await readdir(root).catch(() => [])) {
    const folder = path.join(root, name);
    const age = await stat(folder).then((found) => Date.now() - found.mtimeMs, () => 0);
    if (!name.startsWith('scratch-') || age <= LEFTOVER_MS) continue;
    old++;
    if (!isDryRun) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
  return old;
}

/** Run `work` with a fresh folder under `root`, which is removed afterwards, whatever happened. */
export async function withScratchDir<T>(root: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(path.join(root, 'scratch-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
