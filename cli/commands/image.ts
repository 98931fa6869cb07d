import path from 'node:path';
import { Option, type Command } from 'commander';
import { readImageRgb } from '../../adapters/png/png';
import { amgOptionsSchema } from '../../contracts/amg-options';
import { segmentOptionsSchema } from '../../contracts/segment-options';
import type { AmgProgress } from '../../core/amg/automatic-mask-generator';
import { checkImageFolder, writeImageFolder } from '../image/image-folder';
import { resolveImageOptions } from '../image/image-options';
import { segmentImage } from '../image/segment-image';
import { writeMasks, writeOverlay } from '../image/write-masks';
import { addSchemaFlags } from '../options/flags-from-schema';
import { createCounter } from '../output/counter';
import { createOutput } from '../output/output';
import { forUser, fromUserFolder } from '../output/user-folder';

const EXAMPLES = `
Writes masks.json (the records of SAM's automatic mask generator, in its order) and overlay.png.

Examples:
  vamg image street.jpg                                  SAM's defaults at 1024 pixels
  vamg image street.jpg --preset draft                   a quick look
  vamg image street.jpg --points-per-side 48 --crop-n-layers 1   small objects too
  vamg image street.jpg --output-mode binary_mask        one PNG per mask`;

interface ImageFlags extends Record<string, unknown> {
  readonly out?: string;
  readonly json?: boolean;
}

export function registerImageCommand(program: Command): void {
  const command = program.command('image').argument('<picture>', 'a picture file').description("Segment every object of one picture: SAM's automatic mask generator.");
  addSchemaFlags(command, segmentOptionsSchema, {
    group: 'Model',
    defaults: { preset: "none: 1024 pixels and SAM's own thresholds", inputSize: '1024, or by preset' },
  });
  addSchemaFlags(command, amgOptionsSchema, { group: 'Mask generator' });
  const add = (flags: string, description: string): void => void command.addOption(new Option(flags, description).helpGroup('Output:'));
  add('--out <dir>', 'Folder for the result (default <picture name>-masks in the current folder)');
  add('--json', 'Print one JSON document on stdout and nothing else.');
  command.addHelpText('after', EXAMPLES).action(async (picture: string, flags: ImageFlags) => runImage(picture, flags));
}

async function runImage(picture: string, flags: ImageFlags): Promise<void> {
  const options = resolveImageOptions(flags);
  const folder = fromUserFolder(flags.out ?? `${path.parse(picture).name}-masks`);
  const out = createOutput(flags.json === true);
  const image = await readImageRgb(fromUserFolder(picture));
  await checkImageFolder(folder);
  const count = createCounter(out, 'points');
  const progress = ({ pointsDone, pointsTotal }: AmgProgress): void => count(pointsDone, pointsTotal);
  const { records, bundle, inferenceMs, totalMs } = await segmentImage(image, options, { note: (text) => out.note(text), progress });
  await writeImageFolder(folder, async (partial) => {
    await writeMasks(partial, records, options.amg.outputMode);
    await writeOverlay(partial, image, records);
  });
  const { width, height } = image;
  out.json({ image: path.basename(picture), width, height, out: forUser(folder), masks: records.length, model: bundle, options, timings: { inferenceMs, totalMs } });
  out.line(`${records.length} masks in ${(totalMs / 1000).toFixed(1)} s (networks ${(inferenceMs / 1000).toFixed(1)} s).`);
  out.line(`See ${forUser(path.join(folder, 'overlay.png'))}`);
}
