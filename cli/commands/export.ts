import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { EXPORT_FORMATS } from '../../adapters/export/registry';
import type { ExportSource } from '../../adapters/export/types';
import { VamgError } from '../../contracts/errors';
import { chooseFormats, type ChosenFormats } from '../export/choose-formats';
import { checkExportFolder, checkExportsFolder, writeExport } from '../export/export-folder';
import { openResult } from '../export/open-result';
import { createOutput, type Output } from '../output/output';
import { forUser, fromUserFolder } from '../output/user-folder';

const FORMATS = EXPORT_FORMATS.map(({ name, title }) => `  ${name.padEnd(13)}${title}`).join('\n');

const EXAMPLES = `
Formats:
${FORMATS}
  all          every one of them that can hold this result

Each goes to a folder of its own, with frames.csv (which frame of the video each processed frame is). A format in which a pixel has
one owner shows smaller masks on top of larger ones; one that holds too few objects gets several sequences. What is left out or
renumbered is printed, and docs/formats.md says for each format what it keeps and loses, and how to load it.

Examples:
  vamg export film-vamg --format coco                    film-vamg/exports/coco/instances.json
  vamg export film-vamg --format davis --format mots
  vamg export film-vamg --format all --out formats       formats/coco/…, formats/davis/…
  vamg export film-vamg --format cvat --force --json     replace a former export; say what was written as JSON`;

interface ExportFlags {
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

export function registerExportCommand(program: Command): void {
  program
    .command('export')
    .argument('<dir>', 'a result folder')
    .description('Write the masks of a result in a format of other tools: YouTube-VIS, COCO, DAVIS, MOTS, MOT, CVAT, Datumaro, SA-V …')
    .option('--format <name>', 'A format of the list below, or all; repeat it for several.', (name: string, before: readonly string[]) => [...before, name], [] as readonly string[])
    .option('--out <dir>', 'Folder for the folders of the formats (default: exports in the result folder)')
    .option('--force', 'Replace a former export of the same format.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, flags: ExportFlags) => runExport(fromUserFolder(dir), flags));
}

async function runExport(folder: string, flags: ExportFlags): Promise<void> {
  const { out: outFolder, force = false, json = false } = flags;
  const chosen = chooseFormats(flags.format);
  const target = outFolder === undefined ? path.join(folder, 'exports') : fromUserFolder(outFolder);
  const folderOf = (format: string): string => path.join(target, format);
  await checkExportsFolder(target);
  const out = createOutput(json);
  const scratch = await mkdtemp(path.join(tmpdir(), 'vamg-export-'));
  try {
    const source = await openResult(folder, scratch);
    for (const { name } of chosen.formats) await checkExportFolder(folderOf(name), force);
    const { exports, refused } = await writeAll(source, chosen, folderOf, force, out);
    const { frames, objects, masks } = source;
    out.json({ frames, objects: objects.length, masks, exports, refused });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeAll(source: ExportSource, { formats, isAll }: ChosenFormats, folderOf: (format: string) => string, force: boolean, out: Output): Promise<{ exports: Exported[]; refused: { format: string; reason: string }[] }> {
  const exports: Exported[] = [];
  const refused: { format: string; reason: string }[] = [];
  for (const format of formats) {
    const folder = folderOf(format.name);
    try {
      const notes = await writeExport(source, format, folder, force);
      exports.push({ format: format.name, folder: forUser(folder), notes });
      out.line(`${format.name}: ${source.objects.length} objects in ${source.frames} frames, see ${forUser(folder)}`);
      for (const note of notes) out.note(`  ${note}`);
    } catch (error) {
      if (!isAll || !(error instanceof VamgError) || error.failure !== 'BadConfig') throw error;
      refused.push({ format: format.name, reason: error.message });
      out.note(`${format.name} was left out: ${error.message}`);
    }
  }
  return { exports, refused };
}
