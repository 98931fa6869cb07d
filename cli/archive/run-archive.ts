import { archiveReportSchema, type ArchiveReport } from '../../contracts/archive';
import type { SegmentArchiveResult } from '../../contracts/archive-messages';
import { VamgError } from '../../contracts/errors';
import { commandName, openArtefacts, type CliContext } from '../context';
import { ALL_WORKERS } from '../embedded/worker-groups';
import { isOwned, type JobRecord } from '../job/job-record';
import { ownerGone } from '../job/owner-gone';
import { openSession, type Session } from '../job/session';
import { listenForStop, type StopSignal } from '../job/stop-signal';
import { Interrupted } from '../output/exit-error';
import { watchArchive } from './watch-archive';

/** start: a new run, or the one on its way. resume: the one on its way or the one that did not end well. watch: whatever there is. */
export type RunArchiveMode = 'start' | 'resume' | 'watch';

export interface RunArchiveOptions {
  readonly mode: RunArchiveMode;
  /** Only start it. */
  readonly isDetached?: boolean;
}

/** Run through an archive, or join a run, and give its report. @returns null when detached. @throws VamgError, Interrupted */
export async function runArchive(context: CliContext, record: JobRecord, options: RunArchiveOptions): Promise<ArchiveReport | null> {
  let session: Session | null = null;
  const stop = listenForStop(() => {
    session?.engine?.kill();
    process.exit(130);
  });
  stop.signal.addEventListener('abort', () => context.isEmbedded && context.out.note('stopping …'), { once: true });
  try {
    session = await openSession(context);
    const result = await startAndWait(context, record, options, session, stop);
    if (result === null) return null;
    const { artefacts } = await openArtefacts(context);
    const report = await artefacts.readJson(result.report, archiveReportSchema);
    await context.records.update(record.id, { state: 'done', ownerPid: null });
    return report;
  } catch (error) {
    await rememberEnd(context, record, session).catch(() => undefined);
    throw stop.signal.aborted ? interrupted(context, record) : error;
  } finally {
    await session?.close();
    stop.dispose();
  }
}

async function startAndWait(context: CliContext, record: JobRecord, { mode, isDetached }: RunArchiveOptions, session: Session, stop: StopSignal): Promise<SegmentArchiveResult | null> {
  const { archives, engine } = session;
  const { out, records } = context;
  const { id } = record;
  stop.signal.throwIfAborted();
  const outcome = await startOrJoin(session, record, mode);
  const known = await records.find(id);
  const hasOwner = known !== null && isOwned(known);
  const isOurs = engine !== null && !hasOwner && outcome !== 'ended';
  if (record.archive !== undefined) await records.save({ ...record, createdAtMs: outcome === 'started' ? Date.now() : (known?.createdAtMs ?? record.createdAtMs), state: 'unfinished', ownerPid: isOurs ? process.pid : hasOwner ? known.ownerPid : null });
  if (isDetached === true) return null;
  if (outcome === 'ended') return await archives.wait(id, stop.signal);
  if (outcome === 'attached') out.note(hasOwner ? `joining run ${id}, which another command is doing` : `going on with run ${id}`);
  else out.note(`archive run ${id}`);
  if (mode === 'resume' && outcome === 'attached') await archives.resume(id);
  if (isOurs) await engine.startWorkers(ALL_WORKERS);
  stop.signal.throwIfAborted();
  const onSilence = (): void => {
    if (engine === null) out.note('no worker has answered yet; start some with `vamg worker --role all` where TEMPORAL_ADDRESS and VAMG_STORE are the same');
  };
  const broken = hasOwner ? ownerGone(context, id, stop.signal) : engine?.broken;
  return await watchArchive(archives, id, { out, signal: stop.signal, onSilence, ...(broken !== undefined && { broken }) });
}

async function startOrJoin({ archives }: Session, { id, archive }: JobRecord, mode: RunArchiveMode): Promise<'started' | 'attached' | 'ended'> {
  if (mode !== 'start' && (await archives.exists(id))) {
    const { status } = await archives.progress(id);
    if (status === 'running') return 'attached';
    if (status === 'done' || mode === 'watch') return 'ended';
  }
  if (archive === undefined) throw new VamgError('NotFound', `There is no run ${id}; \`vamg list\` shows what there is.`);
  return await archives.start(id, archive);
}

/** Write down how it ended, as the server has it. */
async function rememberEnd(context: CliContext, record: JobRecord, session: Session | null): Promise<void> {
  const known = await context.records.find(record.id);
  if (known === null || known.job.sha256 !== record.job.sha256) return;
  const status = session === null ? null : await session.archives.progress(record.id).then(({ status: now }) => now, () => null);
  const state = status === 'failed' || status === 'cancelled' ? status : 'unfinished';
  await context.records.update(record.id, { state, ...(known.ownerPid === process.pid && { ownerPid: null }) });
}

function interrupted(context: CliContext, { id }: JobRecord): Interrupted {
  const name = commandName();
  return context.isEmbedded
    ? new Interrupted(`Interrupted. What run ${id} has finished is kept; go on with \`${name} resume ${id}\` or the same command.`)
    : new Interrupted(`No longer watching; run ${id} goes on without us. \`${name} watch ${id}\` shows it again.`);
}
