import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FRAMES_TABLE, isFramesTable } from '../../adapters/export/frames-table';
import { EXPORT_FORMATS } from '../../adapters/export/registry';
import type { ExportFormat } from '../../adapters/export/types';
import { FILM_FORMATS } from '../../adapters/film-export/registry';
import { VamgError } from '../../contracts/errors';
import { writeExport } from '../export/export-folder';
import { openResult } from '../export/open-result';

export interface RebuiltExports {
  readonly rebuilt: readonly string[];
  /** Formats that cannot hold the result any more; their exports are gone. */
  readonly refused: readonly { readonly format: string; readonly reason: string }[];
}

/** The formats in which a result folder holds an export. */
export function exportsWithin(folder: string): Promise<ExportFormat[]> {
  return foundWithin(folder, EXPORT_FORMATS);
}

/** The films and pictures that a result folder holds: an edit leaves them as they are, because they are made from the video and of chosen objects. */
export async function filmsWithin(folder: string): Promise<string[]> {
  return (await foundWithin(folder, FILM_FORMATS)).map(({ name }) => name);
}

async function foundWithin<T extends { readonly name: string }>(folder: string, formats: readonly T[]): Promise<T[]> {
  const names = await readdir(path.join(folder, 'exports')).catch((): string[] => []);
  const found: T[] = [];
  for (const format of formats) if (names.includes(format.name) && (await isFramesTable(path.join(folder, 'exports', format.name, FRAMES_TABLE)))) found.push(format);
  return found;
}

/** Write exports of a result folder into it. @throws VamgError CorruptArtifact */
export async function rebuildExports(folder: string, formats: readonly ExportFormat[], signal: AbortSignal): Promise<RebuiltExports> {
  if (formats.length === 0) return { rebuilt: [], refused: [] };
  const scratch = await mkdtemp(path.join(tmpdir(), 'vamg-edit-'));
  try {
    const source = await openResult(folder, scratch);
    const rebuilt: string[] = [];
    const refused: { format: string; reason: string }[] = [];
    for (const format of formats) {
      signal.throwIfAborted();
      try {
        await writeExport(source, format, path.join(folder, 'exports', format.name), false);
        rebuilt.push(format.name);
      } catch (error) {
        if (!(error instanceof VamgError) || error.failure !== 'BadConfig') throw error;
        refused.push({ format: format.name, reason: error.message });
      }
    }
    return { rebuilt, refused };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
