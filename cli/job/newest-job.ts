import type { CliContext } from '../context';
import { listJobs } from './list-jobs';

/** ID of the job that was started last, or of the last one that is not finished; null when there is none. */
export async function newestJob(context: CliContext, onlyUnfinished = false): Promise<string | null> {
  const jobs = await listJobs(context);
  return jobs.find((job) => !onlyUnfinished || job.state === 'interrupted' || job.state === 'running')?.id ?? null;
}
