import { jobSpecSchema, type JobSpec } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import type { ObjectRef } from '../../contracts/object-ref';
import { createContext, openArtefacts, type CliContext } from '../context';
import type { JobRecord } from '../job/job-record';
import { forUser } from '../output/user-folder';
import type { ResultSummary } from '../result/read-result';

/** The job that a result folder came from. */
export interface ResultJob {
  readonly spec: JobSpec;
  /** Context with the store in which the job's artefacts are. */
  readonly context: CliContext;
  /** What this machine remembers of it. */
  readonly record: JobRecord | null;
}

/**
 * The job of a result folder. The folder names it; one that was written by the first version does not, and then the newest job
 * of this machine that wrote to that place is it. Its store is the one given, else the one where this machine started it, else
 * the configured one. @throws VamgError NotFound when the job is unknown or no longer in the store
 */
export async function findResultJob(context: CliContext, folder: string, summary: ResultSummary, store: string | undefined): Promise<ResultJob> {
  const records = await context.records.all();
  const record = records.find((one) => (summary.job === undefined ? one.out === folder && one.videoId === summary.video.id : one.job.sha256 === summary.job.sha256)) ?? null;
  const ref = summary.job ?? record?.job;
  if (ref === undefined)
    throw new VamgError('NotFound', `${forUser(folder)} does not say which job made it (an older version wrote it), and no job of this machine wrote to that place; run \`vamg segment\` again.`);
  const isElsewhere = store === undefined && record !== null && record.store !== context.config.storeUrl;
  const there = isElsewhere ? createContext({ json: context.out.isJson, store: record.store }) : context;
  return { spec: await readSpec(there, ref, folder), context: there, record };
}

async function readSpec(context: CliContext, ref: ObjectRef, folder: string): Promise<JobSpec> {
  const { artefacts } = await openArtefacts(context);
  try {
    return await artefacts.readJson(ref, jobSpecSchema);
  } catch (cause) {
    if (!(cause instanceof VamgError) || cause.failure !== 'CorruptArtifact') throw cause;
    throw new VamgError('NotFound', `The job that made ${forUser(folder)} is not in the store; name its store with --store, or run \`vamg segment\` again.`, { cause });
  }
}
