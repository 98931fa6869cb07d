import type { JobListing } from '../../workers/workflow-runs';
import type { JobStatus } from '../../workers/job-progress';
import type { CliContext } from '../context';
import { isOwned, type JobRecord } from './job-record';
import { withSession } from './session';

/** A job as `vamg list` shows it. `interrupted`: it would go on if somebody ran its workers. */
export interface JobRow {
  readonly id: string;
  readonly kind: 'video' | 'archive';
  readonly state: JobStatus | 'interrupted';
  readonly startedAt: string;
  readonly video: string | null;
  readonly out: string | null;
}

/**
 * All jobs, newest first. In embedded mode this machine's records say it all, so no server is started for it; with a server of
 * one's own the server says it, and the records add what only this machine knows.
 */
export async function listJobs(context: CliContext): Promise<JobRow[]> {
  const records = await context.records.all();
  if (context.isEmbedded) return records.map((record) => fromRecord(record));
  const known = new Map(records.map((record) => [record.id, record]));
  return await withSession(context, async ({ client, archives }) => {
    const row = (kind: JobRow['kind']) => ({ id, status, startedAt }: JobListing): JobRow => {
      const record = known.get(id);
      return { id, kind, state: status, startedAt: startedAt.toISOString(), video: record?.videoName ?? null, out: record?.out ?? null };
    };
    const rows = [...(await client.list()).map(row('video')), ...(await archives.list()).map(row('archive'))];
    return rows.sort((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
  });
}

/** State of a job from what this machine remembers. */
export function fromRecord(record: JobRecord): JobRow {
  const state = record.state !== 'unfinished' ? record.state : isOwned(record) ? 'running' : 'interrupted';
  return { id: record.id, kind: record.archive === undefined ? 'video' : 'archive', state, startedAt: new Date(record.createdAtMs).toISOString(), video: record.videoName, out: record.out };
}
