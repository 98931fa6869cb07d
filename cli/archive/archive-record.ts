import type { CliContext } from '../context';
import type { JobRecord } from '../job/job-record';
import { withSession, type Session } from '../job/session';

/** Whether an ID is that of a run through an archive: this machine remembers it so, or the server knows no job of this ID but a run. */
export async function isArchiveRun(session: Pick<Session, 'client' | 'archives'>, id: string, record: JobRecord | null): Promise<boolean> {
  if (record !== null) return record.archive !== undefined;
  const isJob = await session.client.progress(id).then(() => true, () => false);
  return !isJob && (await session.archives.exists(id));
}

/**
 * The record of a run that was started elsewhere, by a schedule for example: enough to watch it. null when the ID is not that of a
 * run, or when this machine has a record of its own.
 */
export async function foreignRun(context: CliContext, id: string): Promise<JobRecord | null> {
  if (context.isEmbedded || (await context.records.find(id)) !== null) return null;
  const isRun = await withSession(context, async (session) => await isArchiveRun(session, id, null));
  if (!isRun) return null;
  const job = { key: `v1/data/${'0'.repeat(64)}`, sha256: '0'.repeat(64), bytes: 0 };
  return { schemaVersion: 1, id, input: '', videoName: id, videoId: '', out: '', job, store: context.config.storeUrl, createdAtMs: 0, state: 'unfinished', ownerPid: null };
}

