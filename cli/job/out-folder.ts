import { occupantOf, replaceFolder } from '../../adapters/results/result-folder';
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
  const occupant = await occupantOf(folder);
  if (occupant === 'file') throw new VamgError('BadConfig', `--out ${forUser(folder)} is a file; give a folder.`);
  if (occupant === 'other') throw new VamgError('BadConfig', `${forUser(folder)} exists and is not a result of vamg, so it is not overwritten; give another folder with --out.`);
}

/**
 * Fill a folder beside `folder`, then put it in its place: the folder is complete or absent, also when we are killed. A former
 * result is replaced.
 * @throws VamgError BadConfig as checkOutFolder
 */
export async function writeOutFolder(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  await replaceFolder(folder, () => checkOutFolder(folder), fill);
}
