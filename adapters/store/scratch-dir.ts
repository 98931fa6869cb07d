import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

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
