import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { STAGES } from '../../../contracts/artefact-manifest';
import { workflowBundle } from '../../../workers/bundle';
import { workflowId } from '../../../workers/job-client';
import { Cluster, type ClusterOptions } from './cluster';
import { historiesOf } from './histories';

export type Files = Readonly<Record<string, string>>;

/** What must be the same however a job was disturbed. */
export interface Outcome {
  /** Job ID -> name in the result folder -> sha256; of result.json without the time that networks took. */
  readonly results: Readonly<Record<string, Files>>;
  /** Manifests of all stages in the store, by key, and how many of them are results. */
  readonly manifests: readonly string[];
  readonly published: number;
  /** Checkpoints and hand-overs that are still there. */
  readonly leftovers: readonly string[];
  /** Workflow runs whose history the present code does not replay, and why. */
  readonly notReplayed: readonly string[];
}

/** Wait for the jobs and look at everything that they left. */
export async function outcomeOf(cluster: Cluster, ids: readonly string[]): Promise<Outcome> {
  const results: Record<string, Files> = {};
  for (const id of ids) {
    const folder = path.join(cluster.folder, `result-${id}`);
    await cluster.jobs.writeResult(id, folder);
    results[id] = hashesOf(folder);
  }
  const keys: string[] = [];
  for await (const { key } of cluster.objects.list('v1/')) keys.push(key);
  const manifests = keys.filter((key) => STAGES.some((stage) => key.startsWith(`v1/${stage}/`))).sort();
  return {
    results,
    manifests,
    published: manifests.filter((key) => key.startsWith('v1/publish/')).length,
    leftovers: keys.filter((key) => /^v1\/(checkpoints|hand-over)\//.test(key)),
    notReplayed: (await Promise.all(ids.map((id) => replay(cluster, id)))).flat(),
  };
}

/** The same jobs without any fault, as fast as they go. */
export async function undisturbed(run: (cluster: Cluster) => Promise<readonly string[]>, options: ClusterOptions = {}): Promise<Outcome> {
  const cluster = await Cluster.open({ ...options, standIn: { ...options.standIn, frameMs: 0, detectMs: 0 } });
  try {
    await cluster.startWorker();
    return await outcomeOf(cluster, await run(cluster));
  } finally {
    await cluster.close();
  }
}

function hashesOf(folder: string): Files {
  const files: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (!statSync(file).isFile()) continue;
    const bytes = name === 'result.json' ? withoutTimes(readFileSync(file, 'utf8')) : readFileSync(file);
    files[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return files;
}

function withoutTimes(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => (key === 'timings' ? undefined : value));
}

/** Replay all runs of a job's workflow. */
async function replay(cluster: Cluster, id: string): Promise<string[]> {
  silence();
  const histories = (await historiesOf(cluster, id)).map((history) => ({ workflowId: workflowId(id), history }));
  const problems: string[] = [];
  const bundle = await workflowBundle(path.join(__dirname, '../../..'));
  for await (const { error, runId } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) if (error !== undefined) problems.push(`${id} ${runId}: ${error.message}`);
  return problems;
}

let isSilent = false;

/** The SDK says at length that servers are gone, which is the point here. */
function silence(): void {
  if (!isSilent) Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  isSilent = true;
}
