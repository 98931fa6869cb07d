import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { sequenceName } from '../../adapters/export/names';
import { VamgError } from '../../contracts/errors';
import type { OverlayLook } from '../../contracts/overlay-look';
import { outputOptionsSchema } from '../../contracts/segment-options';
import { openResult } from '../export/open-result';
import { listenForStop } from '../job/stop-signal';
import { describeAllowed, flagSpecs } from '../options/flag-spec';
import { parseObjects } from '../options/object-list';
import { parseFlagValue } from '../options/parse-flag';
import { createCounter } from '../output/counter';
import { Interrupted } from '../output/exit-error';
import { createOutput } from '../output/output';
import { forUser, fromUserFolder } from '../output/user-folder';
import { drawFilm } from '../overlay/draw-film';
import { masksFile } from '../result/read-masks';
import { readDrawingOf } from '../result/read-drawing';
import { readResultSummary } from '../result/read-result';
import { checkSourceVideo } from '../result/source-video';

const EXAMPLES = `
Styles, in any combination with commas:
  fill      the object's colour over its mask
  contour   its outline
  ids       its number
  boxes     the box around its mask
  trails    the path of its centre over the last frames
No network and no job runs; time and sound are those of the video. Transparent films and cut-outs: \`vamg export --help\`. docs/overlay.md shows all of it.

Examples:
  vamg overlay film-vamg --video film.mp4 --style contour,ids,trails    film-overlay.mp4
  vamg overlay film-vamg --video film.mp4 --style boxes,ids --out boxes.mp4
  vamg overlay film-vamg --video film.mp4 --objects 3,7 --opacity 0.7 --out two.mp4`;

interface OverlayFlags extends Partial<OverlayLook> {
  readonly video: string;
  readonly style?: string;
  readonly opacity?: number;
  readonly trail?: number;
  readonly objects?: string;
  readonly out?: string;
  readonly sound: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerOverlayCommand(program: Command): void {
  const spec = (key: keyof OverlayLook) => flagSpecs(outputOptionsSchema).find((one) => one.key === key)!;
  const parser = (key: keyof OverlayLook, flag: string) => (text: string): unknown => parseFlagValue(spec(key), text, flag);
  const asMade = (key: keyof OverlayLook): string => `${describeAllowed(spec(key))}; default as the result was made`;
  program
    .command('overlay')
    .argument('<dir>', 'a result folder')
    .description('Draw the film of a finished result again in another style: colours, outlines, IDs, boxes, trails; all objects or some.')
    .requiredOption('--video <file>', 'The video of this result.')
    .option('--style <parts>', `What is drawn of every object (${asMade('overlayStyle')})`, parser('overlayStyle', '--style'))
    .option('--opacity <x>', `Strength of the colour over the mask (${asMade('overlayOpacity')})`, parser('overlayOpacity', '--opacity'))
    .option('--trail <n>', `Processed frames that trails go back (${asMade('overlayTrail')})`, parser('overlayTrail', '--trail'))
    .option('--objects <ids>', 'Only these objects, such as 3,7,20-29 (default all)')
    .option('--out <film.mp4>', 'The film (default <video name>-overlay.mp4 in the current folder)')
    .option('--no-sound', 'Leave the sound of the video out.')
    .option('--force', 'Replace a film that is there.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, flags: OverlayFlags) => overlay(fromUserFolder(dir), flags));
}

async function overlay(folder: string, flags: OverlayFlags): Promise<void> {
  const out = createOutput(flags.json === true);
  const { video } = await readResultSummary(folder);
  const outputPath = fromUserFolder(flags.out ?? `${sequenceName(video.name)}-overlay.mp4`);
  await checkOutput(outputPath, folder, flags.force === true);
  const scratch = await mkdtemp(path.join(tmpdir(), 'vamg-overlay-'));
  const stop = listenForStop(() => process.exit(130));
  try {
    const drawing = await readDrawingOf(folder);
    const { frames, objects, width, height } = await openResult(folder, scratch);
    const ids = objects.map(({ id }) => id);
    const onlyObjects = flags.objects === undefined ? undefined : parseObjects(flags.objects, ids);
    const videoPath = await checkSourceVideo(flags.video, { video });
    const { overlayStyle, overlayOpacity, overlayTrail } = drawing.look;
    const look: OverlayLook = { overlayStyle: flags.style ?? overlayStyle, overlayOpacity: flags.opacity ?? overlayOpacity, overlayTrail: flags.trail ?? overlayTrail };
    await mkdir(path.dirname(outputPath), { recursive: true });
    const count = createCounter(out, 'frames');
    await drawFilm({ ...drawing, size: { width, height }, look, masksPath: masksFile(folder), videoPath, positions: frames, ...(onlyObjects && { onlyObjects }), outputPath, sound: flags.sound, signal: stop.signal, onProgress: (done) => count(done, frames) });
    out.json({ film: forUser(outputPath), frames, objects: onlyObjects?.size ?? ids.length, style: look.overlayStyle, opacity: look.overlayOpacity, trail: look.overlayTrail });
    out.line(`${onlyObjects?.size ?? ids.length} objects in ${frames} frames (${look.overlayStyle}), see ${forUser(outputPath)}`);
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted('Interrupted; no film was written.') : error;
  } finally {
    stop.dispose();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @throws VamgError BadConfig when a film cannot be written there, or must not */
async function checkOutput(file: string, resultFolder: string, force: boolean): Promise<void> {
  if (!/\.(mp4|m4v)$/i.test(file)) throw new VamgError('BadConfig', `An overlay film is an mp4; give --out a name that ends in .mp4, got ${forUser(file)}. Transparent films are made by \`vamg export --format masks-webm\`.`);
  if (file === path.join(resultFolder, 'overlay.mp4') && existsSync(path.join(resultFolder, 'edits.jsonl')))
    throw new VamgError('BadConfig', 'The overlay.mp4 of a corrected result is drawn by `vamg edit --video`, which keeps account of it; give another name with --out.');
  const status = await stat(file).catch(() => null);
  if (status === null) return;
  if (!status.isFile()) throw new VamgError('BadConfig', `${forUser(file)} is a folder; give a file name with --out.`);
  if (!force) throw new VamgError('BadConfig', `${forUser(file)} exists; --force replaces it, --out FILM.mp4 writes elsewhere.`);
}
