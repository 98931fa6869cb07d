import { countLostEdits } from '../../adapters/results/edit-trail';
import { occupantOf, replaceFolder } from '../../adapters/results/result-folder';
import { VamgError } from '../../contracts/errors';
import { forUser } from '../output/user-folder';

/** `<video name without extension>-vamg`, for --out that was not given. */
export function defaultOutName(videoName: string): string {
  return `${videoName.replace(/\.[^.]*$/, '') || 'video'}-vamg`;
}

/**
 * Fine when nothing is there, or an empty folder, or a result of an earlier run that was not edited by hand, or only so that what comes goes on
 * from there.
 * @param replaceEdited also when it was. @param coming edits.jsonl of what is to be there. @throws VamgError BadConfig for anything else: it would be lost
 */
export async function checkOutFolder(folder: string, replaceEdited = false, coming = ''): Promise<void> {
  const occupant = await occupantOf(folder);
  if (occupant === 'file') throw new VamgError('BadConfig', `--out ${forUser(folder)} is a file; give a folder.`);
  if (occupant === 'other') throw new VamgError('BadConfig', `${forUser(folder)} exists and is not a result of vamg, so it is not overwritten; give another folder with --out.`);
  const edits = occupant === 'result' && !replaceEdited ? await countLostEdits(folder, coming) : 0;
  if (edits > 0)
    throw new VamgError('BadConfig', `${forUser(folder)} was corrected by hand (${edits} ${edits === 1 ? 'edit' : 'edits'}, see \`vamg edit ${forUser(folder)} log\`), which would be lost; give another folder with --out, or --force to segment or restitch to replace it.`);
}

/**
 * Fill a folder beside `folder`, then put it in its place: the folder is complete or absent, also when we are killed. A former
 * result is replaced.
 * @throws VamgError BadConfig as checkOutFolder
 */
export async function writeOutFolder(folder: string, fill: (partial: string) => Promise<void>, replaceEdited = false, coming = ''): Promise<void> {
  await replaceFolder(folder, () => checkOutFolder(folder, replaceEdited, coming), fill);
}
