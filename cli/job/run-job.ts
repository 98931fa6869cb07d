import { readCorrections } from '../../adapters/results/corrected-result';
import type { SegmentVideoResult } from '../../contracts/messages';
import { jobSpecSchema } from '../../contracts/artefacts';
import { commandName, openArtefacts, type CliContext } from '../context';
import { ALL_WORKERS, STITCH_WORKERS } from '../embedded/worker-groups';
import { Interrupted } from '../output/exit-error';
import { forUser } from '../output/user-folder';
import { createProgressView } from '../progress/progress-view';
import { withAttendedSession } from './attended-session';
import type { JobRecord } from './job-record';
import { materialise } from './materialise';
import { checkOutFolder } from './out-folder';
import { lifeSigns, ownershipOf } from './ownership';
import type { Session } from './session';
import { watchWorkflow } from './watch-workflow';

export interface RunJobOptions {
  /** Only start it. */
  readonly isDetached?: boolean;
  /** Signal it to go on, should it be paused. */
  readonly unpause?: boolean;
  /** Only stitch what an earlier job has tracked. */
  readonly stitchOnly?: boolean;
}

/** Start a job or join it, wait for it, and write its result folder. @returns null when detached. @throws VamgError, Interrupted */
export async function runJob(context: CliContext, record: JobRecord, options: RunJobOptions = {}): Promise<SegmentVideoResult | null> {
  const stored = await readCorrections((await openArtefacts(context)).artefacts, record.job.sha256);
  await checkOutFolder(record.out, record.replaceEdited, stored.text);
  const attended = { runsOf: ({ client }: Session) => client, interrupted: () => interrupted(context, record) };
  return await withAttendedSession(context, record, attended, async (session, signal) => {
    const result = await startAndWait(context, record, options, session, signal);
    if (result === null) return null;
    const { artefacts } = await openArtefacts(context);
    await materialise(artefacts, result.manifest, record.out, record.replaceEdited);
    // What --force allowed was for this once.
    await context.records.save({ ...record, state: 'done', ownerPid: null, replaceEdited: false });
    return result;
  });
}

async function startAndWait(context: CliContext, record: JobRecord, options: RunJobOptions, session: Session, signal: AbortSignal): Promise<SegmentVideoResult | null> {
  const { client } = session;
  const { out, records } = context;
  const { id } = record;
  const { artefacts } = await openArtefacts(context);
  signal.throwIfAborted();
  const known = await records.find(id);
  const { outcome } = await client.startJob({ id, spec: await artefacts.readJson(record.job, jobSpecSchema), ...(options.stitchOnly === true && { stitchOnly: true }) });
  const ownership = ownershipOf(known, session, outcome === 'finished');
  const { hasOwner, ours, ownerPid } = ownership;
  await records.save({ ...record, createdAtMs: known?.createdAtMs ?? record.createdAtMs, state: 'unfinished', ownerPid });
  if (options.isDetached === true) return null;
  if (outcome === 'finished') return await client.wait(id, signal);
  if (outcome === 'attached') out.note(hasOwner ? `joining job ${id}, which another command is running` : `going on with job ${id}`);
  else if (outcome === 'started') out.note(`job ${id}`);
  if (options.unpause === true && outcome === 'attached') await client.resume(id);
  // A job that runs already may be a whole one.
  await ours?.startWorkers(options.stitchOnly === true && outcome === 'started' ? STITCH_WORKERS : ALL_WORKERS);
  signal.throwIfAborted();
  const view = createProgressView(out, process.stderr.isTTY === true);
  try {
    return await watchWorkflow(
      {
        wait: (until) => client.wait(id, until),
        progress: async () => {
          const { workflow, fraction } = await client.progress(id);
          return workflow === null ? null : { workflow, fraction };
        },
        show: ({ workflow, fraction }) => view.show(workflow, fraction),
      },
      lifeSigns(context, id, session, ownership, signal),
      signal,
    );
  } finally {
    view.end();
  }
}

function interrupted(context: CliContext, record: JobRecord): Interrupted {
  const how = `\`${commandName()} resume ${record.id}\` or the same command`;
  return context.isEmbedded
    ? new Interrupted(`Interrupted. What job ${record.id} has finished is kept; go on with ${how}.`)
    : new Interrupted(`No longer watching; job ${record.id} goes on without us. \`${commandName()} watch ${record.id}\` shows it again and writes its result to ${forUser(record.out)}.`);
}
