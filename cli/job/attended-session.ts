import { VamgError } from '../../contracts/errors';
import type { WorkflowRuns } from '../../workers/workflow-runs';
import type { CliContext } from '../context';
import type { Interrupted } from '../output/exit-error';
import type { JobRecord } from './job-record';
import { openSession, type Session } from './session';
import { listenForStop } from './stop-signal';

export interface Attended {
  /** The workflows of which the record's is one. */
  readonly runsOf: (session: Session) => WorkflowRuns;
  /** What is said when the user stops it. */
  readonly interrupted: () => Interrupted;
}

/**
 * Do something with a session until the user stops it (a second signal ends the process at once). When it does not end well, the record is
 * told how the server has it. @param work its signal aborts when the user stops it. @throws Interrupted; what `work` throws
 */
export async function withAttendedSession<T>(context: CliContext, record: JobRecord, { runsOf, interrupted }: Attended, work: (session: Session, signal: AbortSignal) => Promise<T>): Promise<T> {
  let session: Session | null = null;
  const stop = listenForStop(() => {
    session?.engine?.kill();
    process.exit(130);
  });
  stop.signal.addEventListener('abort', () => context.isEmbedded && context.out.note('stopping …'), { once: true });
  try {
    session = await openSession(context);
    return await work(session, stop.signal);
  } catch (error) {
    await rememberEnd(context, record, session && runsOf(session), error).catch(() => undefined);
    throw stop.signal.aborted ? interrupted() : error;
  } finally {
    await session?.close();
    stop.dispose();
  }
}

/** Write down how it ended; what was never ours is left alone. The workers are not asked: they may be gone. */
async function rememberEnd({ records }: CliContext, { id, job }: JobRecord, runs: WorkflowRuns | null, error: unknown): Promise<void> {
  const known = await records.find(id);
  if (known === null || known.job.sha256 !== job.sha256) return;
  const status = await runs?.status(id).catch(() => null);
  const state = status === 'failed' || status === 'cancelled' ? status : 'unfinished';
  const failure = state === 'failed' && error instanceof VamgError ? { name: error.failure, message: error.message } : undefined;
  await records.update(id, { state, failure, ...(known.ownerPid === process.pid && { ownerPid: null }) });
}
