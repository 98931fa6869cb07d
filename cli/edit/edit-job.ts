import { setTimeout as sleep } from 'node:timers/promises';
import { readCorrections } from '../../adapters/results/corrected-result';
import type { CorrectionRequest, TrailLine } from '../../contracts/edits';
import { VamgError } from '../../contracts/errors';
import type { CorrectionDone } from '../../contracts/messages';
import { isOverlayCurrent } from '../../core/edit/replay-trail';
import { commandName, createContext, openArtefacts, type CliContext } from '../context';
import { STITCH_WORKERS } from '../embedded/worker-groups';
import { isOwned, type JobRecord } from '../job/job-record';
import { recordOf } from '../job/record-of';
import { openSession, withSession, type Session } from '../job/session';
import { listenForStop } from '../job/stop-signal';
import { Interrupted } from '../output/exit-error';
import { forUser } from '../output/user-folder';
import { tellEdits, tellLog } from './tell-edits';

const SILENCE_MS = 15_000;

interface FoundJob {
  /** With the store in which the job is. */
  readonly context: CliContext;
  /** What this machine remembers of it; null for a job that another one started. */
  readonly record: JobRecord | null;
}

/** Correct the stored result of a job, and say what was done. @throws VamgError BadConfig, NotFound, why the job failed; Interrupted */
export async function editJob(id: string, request: CorrectionRequest, json: boolean): Promise<void> {
  const { context, record } = await findJob(id, json);
  const mustRun = context.isEmbedded && record !== null && !isOwned(record);
  if (mustRun && record.state === 'unfinished') throw new VamgError('BadConfig', `Job ${id} was interrupted and has no result yet; go on with \`${commandName()} resume ${id}\`, and correct it then.`);
  let session: Session | null = null;
  const stop = listenForStop(() => {
    session?.engine?.kill();
    process.exit(130);
  });
  try {
    session = await openSession(context);
    if (mustRun) await session.engine?.startWorkers(STITCH_WORKERS);
    const done = await correct(context, session, id, request, record, stop.signal);
    const spec = record?.job.sha256 ?? (await session.client.specOf(id)) ?? '';
    tell(context, id, record, done, (await trailOf(context, spec)).slice(0, done.lastEdit));
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted(`Interrupted. A correction that the server has taken is done all the same; \`${commandName()} edit --job ${id} log\` shows it then.`) : error;
  } finally {
    await session?.close();
    stop.dispose();
  }
}

/** Show what was done to the stored result of a job. @throws VamgError NotFound */
export async function logJob(id: string, json: boolean): Promise<void> {
  const { context, record } = await findJob(id, json);
  const spec = record?.job.sha256 ?? (await withSession(context, ({ client }) => client.specOf(id)));
  if (spec === null) throw new VamgError('NotFound', `There is no job "${id}"; \`${commandName()} list\` shows what there is.`);
  tellLog(context.out, { job: id }, await trailOf(context, spec));
}

/** In embedded mode this machine knows all jobs; elsewhere others may have started it. */
async function findJob(id: string, json: boolean): Promise<FoundJob> {
  const context = createContext({ json });
  if (!context.isEmbedded && (await context.records.find(id)) === null) return { context, record: null };
  const found = await recordOf(context, id);
  if (found.record.archive !== undefined) throw new VamgError('BadConfig', `${id} is a run through an archive; name the job of one of its videos, as its report does.`);
  return found;
}

async function correct({ out }: CliContext, { client, engine }: Session, id: string, request: CorrectionRequest, record: JobRecord | null, signal: AbortSignal): Promise<CorrectionDone> {
  const over = new AbortController();
  const tellSilence = async (): Promise<void> => {
    await sleep(SILENCE_MS, undefined, { signal: over.signal });
    out.note('waiting: for a worker that answers, or for the result of a job that still runs');
  };
  tellSilence().catch(() => undefined);
  try {
    const done = client.correct(id, { request, ...(record !== null && { job: record.job }) }, signal);
    return await (engine === null ? done : Promise.race([done, engine.broken]));
  } finally {
    over.abort();
  }
}

async function trailOf(context: CliContext, spec: string): Promise<readonly TrailLine[]> {
  const { artefacts } = await openArtefacts(context);
  return (await readCorrections(artefacts, spec)).trail;
}

/** @param trail up to the correction */
function tell({ out }: CliContext, id: string, record: JobRecord | null, { firstEdit, objectsBefore, objects, editsInForce }: CorrectionDone, trail: readonly TrailLine[]): void {
  const lines = trail.slice(firstEdit - 1);
  const overlay = trail.at(-1)?.overlay === 'none' ? 'none' : isOverlayCurrent(trail) ? 'current' : 'outdated';
  out.json({ job: id, edits: lines, objectsBefore, objects, editsInForce, overlay });
  tellEdits(out, lines);
  out.line(`${objects} objects now, ${objectsBefore} before.`);
  const fetch = record === null ? `the command that started it, or \`${commandName()} watch ${id}\` there` : `\`${commandName()} watch ${id}\``;
  out.line(`Whoever fetches this job has it so: ${fetch} writes ${record === null ? 'its result folder' : forUser(record.out)} again.`);
  if (overlay === 'outdated') out.note('overlay.mp4 shows the IDs as they were before; once fetched, `vamg edit DIR --video <the video>` draws it again.');
}
