import { dataKey, type ArtefactStore } from '../../adapters/store/artefact-store';
import type { WorkflowRuns } from '../../workers/workflow-runs';
import type { CliContext } from '../context';
import { withSession } from '../job/session';

export interface StillNeeded {
  /** sha256 of the specifications of jobs that have not ended. */
  readonly keep: ReadonlySet<string>;
  /** When the oldest of those jobs was started; Infinity without any. */
  readonly sinceMs: number;
}

/** A job's prompts and masks are stored a little before its specification. */
const BEFORE_MS = 3600_000;

/** What jobs that run, or can be resumed, need of the store. In embedded mode this machine's records say it, else the server. */
export async function findStillNeeded(context: CliContext, artefacts: ArtefactStore): Promise<StillNeeded> {
  const keep = new Set<string>();
  let sinceMs = Infinity;
  const add = (spec: string | null, startedAtMs: number): void => {
    if (spec !== null) keep.add(spec);
    sinceMs = Math.min(sinceMs, startedAtMs - BEFORE_MS);
  };
  if (context.isEmbedded) {
    for (const { state, job, createdAtMs } of await context.records.all()) if (state === 'unfinished') add(job.sha256, createdAtMs);
    return { keep, sinceMs };
  }
  return await withSession(context, async ({ client, archives }) => {
    for (const runs of [client, archives] as WorkflowRuns[])
      // A workflow that continued as new says when it did that; its specification was written when the job began.
      for await (const { spec, startedAt } of runs.open()) add(spec, spec === null ? startedAt.getTime() : ((await artefacts.objects.stat(dataKey(spec)))?.modifiedAtMs ?? startedAt.getTime()));
    return { keep, sinceMs };
  });
}
