import type { SegmentVideoResult } from '../../contracts/messages';
import { jobSpecSchema } from '../../contracts/artefacts';
import type { JobClient } from '../../workers/job-client';
import type { JobStatus } from '../../workers/job-progress';
import { commandName, openArtefacts, type CliContext } from '../context';
import { ALL_WORKERS, STITCH_WORKERS } from '../embedded/worker-groups';
import { Interrupted } from '../output/exit-error';
import { forUser } from '../output/user-folder';
import { createProgressView } from '../progress/progress-view';
import { isOwned, type JobRecord } from './job-record';
import { materialise } from './materialise';
import { checkOutFolder } from './out-folder';
import { ownerGone } from './owner-gone';
import { openSession, type Session } from './session';
import { listenForStop, type StopSignal } from './stop-signal';
import { watchJob } from './watch-job';
import { loadJobClient, loadJobProgress } from '../lazy';

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
  await checkOutFolder(record.out, record.replaceEdited);
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
    await materialise(artefacts, result.manifest, record.out, record.replaceEdited);
    // What --force allowed was for this once.
    await context.records.save({ ...record, state: 'done', ownerPid: null, replaceEdited: false });
    return result;
  } catch (error) {
    await rememberEnd(context, record, session).catch(() => undefined);
    throw stop.signal.aborted ? interrupted(context, record) : error;
  } finally {
    await session?.close();
    stop.dispose();
  }
}

async function startAndWait(context: CliContext, record: JobRecord, options: RunJobOptions, session: Session, stop: StopSignal): Promise<SegmentVideoResult | null> {
  const { client, engine } = session;
  const { out, records } = context;
  const { artefacts } = await openArtefacts(context);
  stop.signal.throwIfAborted();
  const known = await records.find(record.id);
  const { outcome } = await client.startJob({ id: record.id, spec: await artefacts.readJson(record.job, jobSpecSchema), ...(options.stitchOnly === true && { stitchOnly: true }) });
  const hasOwner = known !== null && isOwned(known);
  const isOurs = engine !== null && !hasOwner && outcome !== 'finished';
  await records.save({ ...record, createdAtMs: known?.createdAtMs ?? record.createdAtMs, state: 'unfinished', ownerPid: isOurs ? process.pid : hasOwner ? known.ownerPid : null });
  if (options.isDetached === true) return null;
  if (outcome === 'finished') return await client.wait(record.id, stop.signal);
  if (outcome === 'attached') out.note(hasOwner ? `joining job ${record.id}, which another command is running` : `going on with job ${record.id}`);
  else if (outcome === 'started') out.note(`job ${record.id}`);
  if (options.unpause === true && outcome === 'attached') await client.resume(record.id);
  // A job that runs already may be a whole one.
  if (isOurs) await engine.startWorkers(options.stitchOnly === true && outcome === 'started' ? STITCH_WORKERS : ALL_WORKERS);
  stop.signal.throwIfAborted();
  const onSilence = (): void => {
    if (engine === null) out.note('no worker has answered yet; start some with `vamg worker --role all` where TEMPORAL_ADDRESS and VAMG_STORE are the same');
  };
  const lost = hasOwner ? ownerGone(context, record.id, stop.signal) : engine?.broken;
  const view = createProgressView(out, process.stderr.isTTY === true);
  return await watchJob(client, record.id, { view, signal: stop.signal, onSilence, ...(lost !== undefined && { broken: lost }) });
}

/** Write down how it ended, as the server has it; a job that was never ours is left alone. */
async function rememberEnd(context: CliContext, record: JobRecord, session: Session | null): Promise<void> {
  const known = await context.records.find(record.id);
  if (known === null || known.job.sha256 !== record.job.sha256) return;
  const status = session === null ? null : await serverStatus(session.client, record.id);
  const state = status === 'failed' || status === 'cancelled' ? status : 'unfinished';
  await context.records.update(record.id, { state, ...(known.ownerPid === process.pid && { ownerPid: null }) });
}

/** How the server has it, without asking the workers, who may be gone. */
async function serverStatus(client: JobClient, id: string): Promise<JobStatus | null> {
  const description = client.client.workflow.getHandle(loadJobClient().workflowId(id)).describe();
  return await description.then(({ status }) => loadJobProgress().jobStatus(status.name), () => null);
}

function interrupted(context: CliContext, record: JobRecord): Interrupted {
  const how = `\`${commandName()} resume ${record.id}\` or the same command`;
  return context.isEmbedded
    ? new Interrupted(`Interrupted. What job ${record.id} has finished is kept; go on with ${how}.`)
    : new Interrupted(`No longer watching; job ${record.id} goes on without us. \`${commandName()} watch ${record.id}\` shows it again and writes its result to ${forUser(record.out)}.`);
}
