import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { EXPORT_FORMATS } from '../../adapters/export/registry';
import type { ExportSource } from '../../adapters/export/types';
import { FILM_FORMATS } from '../../adapters/film-export/registry';
import { VamgError } from '../../contracts/errors';
import { chooseFormats, type ChosenFormats } from '../export/choose-formats';
import { checkExportFolder, checkExportsFolder, writeExport } from '../export/export-folder';
import { checkFilmFlags, openFilmSource, type FilmFlags } from '../export/film-source';
import { openResult } from '../export/open-result';
import { listenForStop } from '../job/stop-signal';
import { createCounter } from '../output/counter';
import { Interrupted } from '../output/exit-error';
import { createOutput, type Output } from '../output/output';
import { forUser, fromUserFolder } from '../output/user-folder';

const list = (formats: readonly { readonly name: string; readonly title: string }[]): string => formats.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join('\n');

const EXAMPLES = `
Formats:
${list(EXPORT_FORMATS)}
  all             every one of these that can hold this result

Films and pictures, with --video and, for some objects, --objects:
${list(FILM_FORMATS)}

Each goes to a folder of its own, with frames.csv (which frame of the video each processed frame is). A format in which a pixel has
one owner shows smaller masks on top of larger ones; one that holds too few objects gets several sequences. What is left out or
renumbered is printed, and docs/formats.md says for each format what it keeps and loses, and how to load it. Films with masks drawn over
the picture: \`vamg overlay\`.

Examples:
  vamg export film-vamg --format coco                    film-vamg/exports/coco/instances.json
  vamg export film-vamg --format davis --format mots
  vamg export film-vamg --format all --out formats       formats/coco/…, formats/davis/…
  vamg export film-vamg --format cvat --force --json     replace a former export; say what was written as JSON
  vamg export film-vamg --format masks-prores --video film.mp4
  vamg export film-vamg --format cut-outs-png --video film.mp4 --objects 3,7`;

interface ExportFlags extends FilmFlags {
  readonly format: readonly string[];
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What was written. */
interface Exported {
  readonly format: string;
  readonly folder: string;
  readonly notes: readonly string[];
}

/** Where and how all formats of one command are written. */
interface Target {
  readonly folderOf: (format: string) => string;
  readonly force: boolean;
  readonly out: Output;
}

export function registerExportCommand(program: Command): void {
  program
    .command('export')
    .argument('<dir>', 'a result folder')
    .description('Write the masks of a result in a format of other tools (YouTube-VIS, COCO, DAVIS, MOTS, MOT, CVAT, Datumaro, SA-V …), as a transparent film, or as cut-outs.')
    .option('--format <name>', 'A format of the lists below, or all; repeat it for several.', (name: string, before: readonly string[]) => [...before, name], [] as readonly string[])
    .option('--video <file>', 'Films and pictures: the video of this result.')
    .option('--objects <ids>', 'Films and pictures: only these objects, such as 3,7,20-29, or all (default all; cut-outs want it said)')
    .option('--out <dir>', 'Folder for the folders of the formats (default: exports in the result folder)')
    .option('--force', 'Replace a former export of the same format.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, flags: ExportFlags) => runExport(fromUserFolder(dir), flags));
}

async function runExport(folder: string, flags: ExportFlags): Promise<void> {
  const { out: outFolder, force = false, json = false } = flags;
  const chosen = chooseFormats(flags.format);
  checkFilmFlags(chosen.films, flags);
  const exportsFolder = outFolder === undefined ? path.join(folder, 'exports') : fromUserFolder(outFolder);
  const target: Target = { folderOf: (format) => path.join(exportsFolder, format), force, out: createOutput(json) };
  await checkExportsFolder(exportsFolder);
  const scratch = await mkdtemp(path.join(tmpdir(), 'vamg-export-'));
  try {
    const source = await openResult(folder, scratch);
    for (const { name } of [...chosen.formats, ...chosen.films]) await checkExportFolder(target.folderOf(name), force);
    const { exports, refused } = await writeFormats(source, chosen, target);
    if (chosen.films.length > 0) exports.push(...(await writeFilms(source, folder, chosen, flags, target)));
    const { frames, objects, masks } = source;
    target.out.json({ frames, objects: objects.length, masks, exports, refused });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeFormats(source: ExportSource, { formats, isAll }: ChosenFormats, { folderOf, force, out }: Target): Promise<{ exports: Exported[]; refused: { format: string; reason: string }[] }> {
  const exports: Exported[] = [];
  const refused: { format: string; reason: string }[] = [];
  for (const format of formats) {
    const folder = folderOf(format.name);
    try {
      const notes = await writeExport(source, format, folder, force);
      exports.push(tell(out, { format: format.name, folder: forUser(folder), notes }, source.objects.length, source.frames));
    } catch (error) {
      if (!isAll || !(error instanceof VamgError) || error.failure !== 'BadConfig') throw error;
      refused.push({ format: format.name, reason: error.message });
      out.note(`${format.name} was left out: ${error.message}`);
    }
  }
  return { exports, refused };
}

async function writeFilms(source: ExportSource, resultFolder: string, { films }: ChosenFormats, flags: FilmFlags, { folderOf, force, out }: Target): Promise<Exported[]> {
  const stop = listenForStop(() => process.exit(130));
  try {
    const filmSource = await openFilmSource(source, resultFolder, flags, { signal: stop.signal, onProgress: () => undefined });
    const exports: Exported[] = [];
    for (const format of films) {
      const folder = folderOf(format.name);
      const notes = await writeExport({ ...filmSource, onProgress: createCounter(out, 'frames') }, format, folder, force);
      exports.push(tell(out, { format: format.name, folder: forUser(folder), notes }, filmSource.chosen.length, source.frames));
    }
    return exports;
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted('Interrupted; what was not complete is not there.') : error;
  } finally {
    stop.dispose();
  }
}

function tell(out: Output, exported: Exported, objects: number, frames: number): Exported {
  out.line(`${exported.format}: ${objects} objects in ${frames} frames, see ${exported.folder}`);
  for (const note of exported.notes) out.note(`  ${note}`);
  return exported;
}
