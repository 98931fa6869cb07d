import path from 'node:path';
import type { Command } from 'commander';
import { readTrail } from '../../adapters/results/edit-trail';
import type { Request } from '../../adapters/results/plan-edits';
import { VamgError } from '../../contracts/errors';
import { editFolder, findFolder, type EditOutcome } from '../edit/edit-folder';
import { editJob, logJob } from '../edit/edit-job';
import { readAction, readEdit, readEditsFile, type Action } from '../edit/read-request';
import { tellEdits, tellLog } from '../edit/tell-edits';
import { checkJobId } from '../job/job-id';
import { listenForStop } from '../job/stop-signal';
import { Interrupted } from '../output/exit-error';
import { createOutput, type Output } from '../output/output';
import { forUser, fromUserFolder } from '../output/user-folder';
import { readResultSummary } from '../result/read-result';

const EXAMPLES = `
Edits:
  merge A B [C…] [--into ID]   one object; where several are on a frame, their masks are united (into A when --into is left out)
  split ID --at FRAME|TIME     from that frame on it is a new object, with a number that was never used
  delete ID…                   its masks go
  rename OLD NEW               another number, one that no other object ever had
  label ID "name"              a name, shown in the page and written as class into exports; "" removes it
  undo                         take the last edit back; again and again, down to the result as it was made
  log                          what was done, and when
FRAME is a frame as in masks.jsonl and in the page; TIME is 12.5s or 1:02.5. No network runs. The masks, result.json, the page and
the exports in the folder are written again, all or nothing; original/ keeps what was there first. docs/corrections.md shows it all.

Examples:
  vamg edit film-vamg merge 8 27                        27 is 8, come back
  vamg edit film-vamg split 5 --at 0:12.4               the ID jumped to another object there
  vamg edit film-vamg label 8 "red car"
  vamg edit film-vamg delete 11 19 23 --video film.mp4  draw overlay.mp4 again too
  vamg edit film-vamg --file edits.json                 several edits at once
  vamg edit film-vamg --video film.mp4                  only draw overlay.mp4 again
  vamg edit film-vamg undo
  vamg edit --job film-1a2b3c4d merge 8 27              in the store, also while the job runs; vamg watch fetches it`;

interface EditFlags {
  readonly into?: string;
  readonly at?: string;
  readonly file?: string;
  readonly video?: string;
  readonly job?: string;
  readonly json?: boolean;
}

export function registerEditCommand(program: Command): void {
  program
    .command('edit')
    .argument('[dir]', 'a result folder; left out with --job')
    .argument('[edit]', 'merge, split, delete, rename, label, undo or log')
    .argument('[values...]', 'IDs, and the name for label')
    .description('Correct the IDs of a finished result by hand: merge, split, delete, rename, label; with undo and a log.')
    .option('--into <id>', 'merge: the ID that stays (default: the first that is named)')
    .option('--at <frame|time>', 'split: the first frame of the new object')
    .option('--file <edits.json>', 'Several edits, done in their order, all or none; see docs/corrections.md.')
    .option('--video <file>', 'The video of this result: draw overlay.mp4 again.')
    .option('--job <id>', 'Correct the stored result of this job instead of a folder, for everybody who fetches it.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string | undefined, word: string | undefined, values: readonly string[], flags: EditFlags) => {
      if (flags.job !== undefined) return await correctJob(flags.job, [dir, word, ...values].filter((one) => one !== undefined), flags);
      if (dir === undefined) throw new VamgError('BadConfig', 'Name a result folder, or a job with --job; `vamg edit --help` has examples.');
      return await edit(fromUserFolder(dir), readAction(word), values, flags);
    });
}

async function edit(folder: string, action: Action | null, values: readonly string[], flags: EditFlags): Promise<void> {
  const out = createOutput(flags.json === true);
  if (action === 'log') return await log(folder, out);
  const request = await readRequest(action, values, flags);
  const stop = listenForStop(() => process.exit(130));
  try {
    const outcome = await editFolder(folder, request, { video: flags.video, now: new Date(), signal: stop.signal });
    tell(out, folder, outcome);
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted('Interrupted; the result is as it was before.') : error;
  } finally {
    stop.dispose();
  }
}

/** @throws VamgError BadConfig */
async function readRequest(action: Action | null, values: readonly string[], { into, at, file, video }: EditFlags): Promise<Request> {
  if (file !== undefined) {
    if (action !== null) throw new VamgError('BadConfig', `Give either --file or ${action}, not both.`);
    return { kind: 'edits', edits: await readEditsFile(file) };
  }
  if (action === 'undo') {
    if (values.length > 0) throw new VamgError('BadConfig', 'undo takes back the last edit and wants nothing after it; repeat it for those before.');
    return { kind: 'undo' };
  }
  if (action !== null && action !== 'log') return { kind: 'edits', edits: [readEdit({ action, values, into, at })] };
  if (video !== undefined) return { kind: 'overlay' };
  throw new VamgError('BadConfig', 'Say what to do: merge, split, delete, rename, label, undo or log, or several edits with --file; `vamg edit --help` has examples.');
}

function tell(out: Output, folder: string, outcome: EditOutcome): void {
  const { lines, objectsBefore, objects, edits, page, overlay, rebuilt, refused, outdatedFilms } = outcome;
  const dir = forUser(folder);
  out.json({ dir, edits: lines, objectsBefore, objects, editsInForce: edits, page, overlay, exports: rebuilt, exportsLeftOut: refused, exportsOutdated: outdatedFilms });
  tellEdits(out, lines);
  out.line(`${objects} objects now, ${objectsBefore} before.${page ? ` Look at ${forUser(path.join(folder, 'index.html'))}.` : ''}`);
  if (rebuilt.length > 0) out.line(`Exports written again: ${rebuilt.join(', ')}.`);
  for (const { format, reason } of refused) out.note(`The export ${format} was removed, because it cannot hold this result: ${reason}`);
  if (outdatedFilms.length > 0) out.note(`Of the objects as they were before: ${outdatedFilms.join(', ')}; \`vamg export ${dir} --video <the video> --format … --force\` makes them again.`);
  if (overlay === 'outdated') out.note(`overlay.mp4 shows the IDs as they were before; \`vamg edit ${dir} --video <the video>\` draws it again.`);
}

async function log(named: string, out: Output): Promise<void> {
  const folder = await findFolder(named);
  await readResultSummary(folder);
  tellLog(out, { dir: forUser(named) }, await readTrail(folder));
}

/** With --job no folder is named: all words are the edit's. @throws VamgError BadConfig */
async function correctJob(id: string, [word, ...values]: readonly string[], flags: EditFlags): Promise<void> {
  const action = readAction(word);
  if (flags.video !== undefined) throw new VamgError('BadConfig', '--video draws overlay.mp4 in a folder; fetch the result of the job first, then give it with that folder.');
  if (action === 'log') return await logJob(checkJobId(id), flags.json === true);
  const request = await readRequest(action, values, flags);
  await editJob(checkJobId(id), request.kind === 'edits' ? { edits: [...request.edits] } : { undo: true }, flags.json === true);
}
