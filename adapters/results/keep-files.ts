import { copyFile, link, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Whether a file of a result folder is the page's own copy of masks, of which a page that is made again has others. */
export function isPageMasks(name: string): boolean {
  return /^viewer\/masks-\d+\.js$/.test(name);
}

/**
 * Give a folder all files of another one that it does not have itself: by hard link, or as copies where the disk knows none. Nobody may
 * write into them in place afterwards.
 * @param isLeftOut told the path within the folder, with `/` between names
 */
export async function keepFiles(from: string, to: string, isLeftOut: (name: string) => boolean): Promise<void> {
  await keepWithin(from, to, '', isLeftOut);
}

async function keepWithin(from: string, to: string, below: string, isLeftOut: (name: string) => boolean): Promise<void> {
  for (const entry of await readdir(path.join(from, below), { withFileTypes: true })) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (isLeftOut(name)) continue;
    const [source, target] = [path.join(from, name), path.join(to, name)];
    const isThere = (await lstat(target).catch(() => null)) !== null;
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true });
      await keepWithin(from, to, name, isLeftOut);
    } else if (isThere) continue;
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await link(source, target).catch(() => copyFile(source, target));
  }
}
