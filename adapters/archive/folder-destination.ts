import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import { resultFolderName } from '../../core/planning/archive-names';
import { countLostEdits } from '../results/edit-trail';
import { occupantOf, replaceFolder } from '../results/result-folder';
import { storeErrorFromNode } from '../store/store-errors';
import { REPORTS_FOLDER, RESULT_FILE, type ArchiveDestination } from './archive-destination';

/** Results in a folder. */
export class FolderDestination implements ArchiveDestination {
  constructor(private readonly folder: string) {}

  async has(name: string): Promise<boolean> {
    return await stat(path.join(this.resultFolder(name), RESULT_FILE)).then((status) => status.isFile(), () => false);
  }

  async publish(name: string, files: ReadonlyMap<string, (localPath: string) => Promise<void>>, trail = ''): Promise<void> {
    const folder = this.resultFolder(name);
    const check = async (): Promise<void> => {
      if (['file', 'other'].includes(await occupantOf(folder)))
        throw new VamgError('BadConfig', 'Something that is not a result of vamg is where the result of this video goes, so it is not overwritten; move it away.', { details: { occupied: true } });
      if ((await countLostEdits(folder, trail)) > 0) throw new VamgError('BadConfig', 'The result of this video was corrected by hand (`vamg edit`), so it is not overwritten; move it away.', { details: { occupied: true } });
    };
    try {
      await replaceFolder(folder, check, async (partial) => {
        for (const [file, write] of files) {
          const target = path.resolve(partial, file);
          if (!target.startsWith(partial + path.sep)) throw new RangeError(`result file ${file} would lie outside its folder`);
          await mkdir(path.dirname(target), { recursive: true });
          await write(target);
        }
      });
    } catch (error) {
      throw error instanceof RangeError ? error : destinationError(error);
    }
  }

  async putReport(name: string, text: string): Promise<void> {
    const folder = path.join(this.folder, REPORTS_FOLDER);
    const partial = path.join(folder, `.${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(partial, text);
      await rename(partial, path.join(folder, name));
    } catch (error) {
      await rm(partial, { force: true });
      throw destinationError(error);
    }
  }

  private resultFolder(name: string): string {
    const folder = path.join(this.folder, resultFolderName(name));
    if (!folder.startsWith(this.folder + path.sep)) throw new RangeError('a result would lie outside the destination');
    return folder;
  }
}

function destinationError(error: unknown): unknown {
  if (error instanceof VamgError || !(error instanceof Error) || !('code' in error)) return error;
  const known = storeErrorFromNode(error);
  return known.failure === 'BadConfig' ? new VamgError('BadConfig', 'The folder for the results (--dest) may not be written; check its owner and permissions.', { cause: error }) : known;
}
