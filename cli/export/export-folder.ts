import { copyFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FRAMES_TABLE, isFramesTable } from '../../adapters/export/frames-table';
import type { ExportSource } from '../../adapters/export/types';
import { replaceFolder } from '../../adapters/results/result-folder';
import { VamgError } from '../../contracts/errors';
import { forUser } from '../output/user-folder';

/** The folder in which the folders of the formats lie. @throws VamgError BadConfig when a file is in its place */
export async function checkExportsFolder(folder: string): Promise<void> {
  const status = await stat(folder).catch(() => null);
  if (status !== null && !status.isDirectory()) throw new VamgError('BadConfig', `${forUser(folder)} is a file; give a folder with --out.`);
}

/**
 * Fine when nothing is there, or an empty folder, or with `force` a former export.
 * @throws VamgError BadConfig for anything else: it would be lost
 */
export async function checkExportFolder(folder: string, force: boolean): Promise<void> {
  const status = await stat(folder).catch(() => null);
  if (status === null) return;
  if (!status.isDirectory()) throw new VamgError('BadConfig', `${forUser(folder)} is a file; give another folder with --out.`);
  if ((await readdir(folder)).length === 0) return;
  if (!(await isFramesTable(path.join(folder, FRAMES_TABLE))))
    throw new VamgError('BadConfig', `${forUser(folder)} exists and is not an export of vamg, so it is not overwritten; give another folder with --out.`);
  if (!force) throw new VamgError('BadConfig', `${forUser(folder)} holds an export already; --force replaces it, --out DIR writes elsewhere.`);
}

/**
 * Write one format into a folder, which is complete or absent.
 * @returns what the format says was left out, split or renumbered
 */
export async function writeExport<S extends ExportSource>(source: S, format: { write(source: S, folder: string): Promise<readonly string[]> }, folder: string, force: boolean): Promise<readonly string[]> {
  let notes: readonly string[] = [];
  const fill = async (partial: string): Promise<void> => {
    notes = await format.write(source, partial);
    await copyFile(source.framesTable, path.join(partial, FRAMES_TABLE));
  };
  await replaceFolder(folder, () => checkExportFolder(folder, force), fill);
  return notes;
}
