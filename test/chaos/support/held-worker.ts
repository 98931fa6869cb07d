import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually, type Cluster } from './cluster';
import type { WorkerProcess } from './worker-process';

/** A moment inside a step: a call of a function of node:fs/promises on a path of the store. */
export interface Moment {
  readonly call: 'readFile' | 'link';
  /** Part of the path. */
  readonly path: string;
}

/** A step that begins to read what an earlier one made. */
export const reading = (stage: string): Moment => ({ call: 'readFile', path: `/v1/${stage}/` });
/** A step whose data is stored and whose manifest is not (file store). */
export const publishing = (stage: string): Moment => ({ call: 'link', path: `/v1/${stage}/` });

/** Start a worker for control and media steps that stops for good at a moment, wait for that, and kill -9 it there. */
export async function killWorkerAt(cluster: Cluster, moment: Moment): Promise<WorkerProcess> {
  const held = path.join(cluster.folder, `held-${moment.call}${moment.path.replaceAll('/', '-')}`);
  const hold = { NODE_OPTIONS: `--require ${JSON.stringify(path.join(__dirname, 'hold-file.js'))}`, VAMG_HOLD_FILE: JSON.stringify({ ...moment, held }) };
  const worker = await cluster.startWorker({ roles: 'control,media', env: hold });
  await eventually(`a worker to be at ${moment.call} of ${moment.path}`, () => existsSync(held), 120_000);
  await worker.kill();
  return worker;
}
