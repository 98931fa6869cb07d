import { archiveReportSchema, type ArchiveReport } from '../../contracts/archive';
import type { SegmentArchiveResult } from '../../contracts/archive-messages';
import { VamgError } from '../../contracts/errors';
import { commandName, openArtefacts, type CliContext } from '../context';
import { ALL_WORKERS } from '../embedded/worker-groups';
import { withAttendedSession } from '../job/attended-session';
import type { JobRecord } from '../job/job-record';
import { lifeSigns, ownershipOf } from '../job/ownership';
import type { Session } from '../job/session';
import { watchWorkflow } from '../job/watch-workflow';
import { Interrupted } from '../output/exit-error';
import { archiveLine } from './describe-archive';

/** start: a new run, or the one on its way. resume: the one on its way or the one that did not end well. watch: whatever there is. */
export type RunArchiveMode = 'start' | 'resume' | 'watch';

export interface RunArchiveOptions {
  readonly mode: RunArchiveMode;
  /** Only start it. */
  readonly isDetached?: boolean;
}

/** Run through an archive, or join a run, and give its report. @returns null when detached. @throws VamgError, Interrupted */
export async function runArchive(context: CliContext, record: JobRecord, options: RunArchiveOptions): Promise<ArchiveReport | null> {
  const attended = { runsOf: ({ archives }: Session) => archives, interrupted: () => interrupted(context, record) };
  return await withAttendedSession(context, record, attended, async (session, signal) => {
    const result = await startAndWait(context, record, options, session, signal);
    if (result === null) return null;
    const { artefacts } = await openArtefacts(context);
    const report = await artefacts.readJson(result.report, archiveReportSchema);
    await context.records.update(record.id, { state: 'done', ownerPid: null });
    return report;
  });
}

async function startAndWait(context: CliContext, record: JobRecord, { mode, isDetached }: RunArchiveOptions, session: Session, signal: AbortSignal): Promise<SegmentArchiveResult | null> {
  const { archives } = session;
  const { out, records } = context;
  const { id } = record;
  signal.throwIfAborted();
  const outcome = await startOrJoin(session, record, mode);
  const known = await records.find(id);
  const ownership = ownershipOf(known, session, outcome === 'ended');
  const { hasOwner, ours, ownerPid } = ownership;
  if (record.archive !== undefined) await records.save({ ...record, createdAtMs: outcome === 'started' ? Date.now() : (known?.createdAtMs ?? record.createdAtMs), state: 'unfinished', ownerPid });
  if (isDetached === true) return null;
  if (outcome === 'ended') return await archives.wait(id, signal);
  if (outcome === 'attached') out.note(hasOwner ? `joining run ${id}, which another command is doing` : `going on with run ${id}`);
  else out.note(`archive run ${id}`);
  if (mode === 'resume' && outcome === 'attached') await archives.resume(id);
  await ours?.startWorkers(ALL_WORKERS);
  signal.throwIfAborted();
  let said = '';
  return await watchWorkflow(
    {
      wait: (until) => archives.wait(id, until),
      progress: async () => (await archives.progress(id)).workflow,
      show: (workflow) => {
        const line = archiveLine(workflow);
        if (line !== said) out.note(line);
        said = line;
      },
    },
    lifeSigns(context, id, session, ownership, signal),
    signal,
  );
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

function interrupted(context: CliContext, { id }: JobRecord): Interrupted {
  const name = commandName();
  return context.isEmbedded
    ? new Interrupted(`Interrupted. What run ${id} has finished is kept; go on with \`${name} resume ${id}\` or the same command.`)
    : new Interrupted(`No longer watching; run ${id} goes on without us. \`${name} watch ${id}\` shows it again.`);
}
