import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { applyEdits } from '../../adapters/results/apply-edits';
import { readTrail, readTrailText } from '../../adapters/results/edit-trail';
import { isPageMasks, keepFiles } from '../../adapters/results/keep-files';
import { OriginalResult } from '../../adapters/results/original-result';
import { planEdits, type Request } from '../../adapters/results/plan-edits';
import { recoverFolder, replaceFolder } from '../../adapters/results/result-folder';
import { VamgError } from '../../contracts/errors';
import type { TrailLine } from '../../contracts/edits';
import { isOverlayCurrent } from '../../core/edit/replay-trail';
import { writeViewer } from '../../viewer/write-viewer';
import { forUser, packageVersion, userFolder } from '../output/user-folder';
import { drawFilm } from '../overlay/draw-film';
import { readDrawingOf } from '../result/read-drawing';
import { masksFile } from '../result/read-masks';
import { checkSourceVideo } from '../result/source-video';
import { exportsWithin, filmsWithin, rebuildExports, type RebuiltExports } from './rebuild-exports';

/** What became of a result. */
export interface EditOutcome extends RebuiltExports {
  /** The new lines of the trail. */
  readonly lines: readonly TrailLine[];
  readonly objectsBefore: number;
  readonly objects: number;
  /** Edits that hold now. */
  readonly edits: number;
  readonly page: boolean;
  /** Whether overlay.mp4 shows the IDs of now. */
  readonly overlay: 'current' | 'outdated' | 'none';
  /** Exported films and pictures that show the objects as they were before. */
  readonly outdatedFilms: readonly string[];
}

export interface EditOptions {
  /** The video to draw overlay.mp4 from, as the user named it. */
  readonly video: string | undefined;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** The folder of a result, put back in its place if an edit was killed in the middle of replacing it. */
export async function findFolder(named: string): Promise<string> {
  await recoverFolder(named);
  return await realpath(named).catch(() => named);
}

/**
 * Do edits to a finished result, or take the last one back: all files of the folder that show IDs are written again, in a folder beside
 * it that then takes its place, so that it is never half-edited. Memory does not grow with the length of the video.
 * @throws VamgError NotFound, BadConfig, CorruptArtifact; the folder is as before then
 */
export async function editFolder(named: string, request: Request, { video, now, signal }: EditOptions): Promise<EditOutcome> {
  const folder = await findFolder(named);
  checkNotWithin(folder);
  const trailText = await readTrailText(folder);
  const trail = await readTrail(folder);
  masksFile(folder);
  const original = OriginalResult.open(folder, forUser(folder), trail.length > 0);
  const summary = await original.summary();
  const videoPath = video === undefined ? null : await checkSourceVideo(video, summary);
  const plan = await planEdits(original, trail, request);
  signal.throwIfAborted();
  const formats = await exportsWithin(folder);
  const hasPage = existsSync(path.join(folder, 'index.html'));
  if (hasPage && !existsSync(path.join(folder, 'stitch-report.json')))
    throw new VamgError('CorruptArtifact', `${forUser(folder)} holds a page but no stitch-report.json, which it is made from; put back a copy of that, or remove index.html.`);
  const overlay = videoPath !== null ? 'drawn' : existsSync(path.join(folder, 'overlay.mp4')) ? 'kept' : 'none';
  let lines: readonly TrailLine[] = [];
  let exports: RebuiltExports = { rebuilt: [], refused: [] };
  const check = async (): Promise<void> => {
    if ((await readTrailText(folder)) !== trailText) throw new VamgError('BadConfig', `${forUser(folder)} was edited by another command meanwhile; look at its log and give your edit again.`);
  };
  await replaceFolder(folder, check, async (partial) => {
    lines = await applyEdits({ original, plan, before: trailText, count: trail.length, now, version: packageVersion(), overlay, folder: partial, signal });
    if (videoPath !== null) await drawFilm({ ...(await readDrawingOf(folder)), masksPath: path.join(partial, 'masks.jsonl'), videoPath, positions: plan.positions, outputPath: path.join(partial, 'overlay.mp4'), sound: true, signal });
    if (hasPage) await writePage(partial, signal);
    exports = await rebuildExports(partial, formats, signal);
    const madeAgain = formats.map(({ name }) => `exports/${name}`);
    await keepFiles(folder, partial, (name) => madeAgain.includes(name) || (hasPage && isPageMasks(name)));
  });
  return {
    ...exports,
    lines,
    objectsBefore: plan.objectsBefore,
    objects: plan.objects.count,
    edits: plan.active,
    page: hasPage,
    outdatedFilms: request.kind === 'overlay' ? [] : await filmsWithin(folder),
    overlay: overlay === 'none' ? 'none' : isOverlayCurrent([...trail, ...lines]) ? 'current' : 'outdated',
  };
}

/** The folder is put in place anew: who stands in it would stand in one that is gone. */
function checkNotWithin(folder: string): void {
  const here = path.relative(folder, userFolder());
  if (!here.startsWith('..') && !path.isAbsolute(here)) throw new VamgError('BadConfig', 'You are in the folder that is to be edited, and it is replaced as a whole; run this from the folder above it.');
}

async function writePage(folder: string, signal: AbortSignal): Promise<void> {
  await writeViewer({ masksPath: path.join(folder, 'masks.jsonl'), resultPath: path.join(folder, 'result.json'), stitchReportPath: path.join(folder, 'stitch-report.json'), folder, signal });
}
