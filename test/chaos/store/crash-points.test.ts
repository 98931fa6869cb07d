import { mkdirSync, readdirSync, watch } from 'node:fs';
import path from 'node:path';
import { describeWithS3, S3Server } from '../../support/s3-server';
import type { Cluster} from '../support/cluster';
import { eventually } from '../support/cluster';
import { disturbedFilm } from '../support/disturbed';
import { FaultProxy } from '../support/fault-proxy';
import { bounded, recovery, report } from '../support/faults';
import type { WorkerProcess } from '../support/worker-process';

/** Data objects of a job, the probe's first: when so many have come, a worker is killed. */
const APPEARANCES = [3, 5, 9];

describe('10: a worker that dies while it publishes, in a folder', () => {
  const { atWork, outcomes } = disturbedFilm();

  it('between data and manifest, as near as can be', async () => {
    const cluster = await atWork();
    const data = path.join(cluster.folder, 'store', 'v1', 'data');
    mkdirSync(data, { recursive: true });
    for (const count of APPEARANCES) {
      const worker = await cluster.startWorker();
      await killAtAppearance(worker, data, count);
    }
    const since = Date.now();
    await cluster.startWorker();
    const recoverySeconds = await recovery(cluster, since);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const done = `kill -9 in the moment in which a data file appears, ${APPEARANCES.length} times in one job`;
    report({ fault: 10, name: 'crash points: a folder', done, lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
  }, bounded(40));
});

describeWithS3('10: a worker that dies while it publishes, in S3 (skipped without VERSITYGW_PATH)', () => {
  const { atWork, outcomes } = disturbedFilm();
  let server: S3Server;
  let proxy: FaultProxy;

  beforeAll(async () => {
    server = await S3Server.start();
    proxy = await FaultProxy.start(server.port, 'crash');
  }, bounded(5));
  afterAll(async () => {
    await proxy?.close();
    await server?.dispose();
  });

  it.each([['detect'], ['hand-over'], ['track'], ['publish']])('exactly between the data and the manifest of %s', async (stage) => {
    const cluster = await atWork({ storeUrl: `s3://${server.bucket}/${stage}`, env: server.env(proxy.port) });
    const seen = proxy.injections.length;
    // The manifest is on its way and never comes.
    proxy.plan = { fault: 'hang', share: 1, concerns: (method, url) => method === 'PUT' && url.includes(`/${stage}/v1/${stage}/`) };
    const worker = await cluster.startWorker();
    await eventually(`a manifest of ${stage}`, () => proxy.injections.length > seen, 120_000);
    await worker.kill();
    const since = Date.now();
    proxy.plan = null;
    expect(await manifestsIn(cluster, stage)).toBe(0);
    await cluster.startWorker();
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const done = `kill -9 when the data of ${stage} is stored and its manifest is not; another worker is started`;
    report({ fault: 10, name: `crash points: ${stage}`, done, lost: 0, recoverySeconds: (Date.now() - since) / 1000, repeated: cluster.trace.repeated() });
  }, bounded(25));
});

async function killAtAppearance(worker: WorkerProcess, folder: string, count: number): Promise<void> {
  const watcher = watch(folder);
  try {
    await new Promise<void>((resolve) => {
      const look = (): void => void (readdirSync(folder).length >= count && resolve());
      watcher.on('change', look);
      look();
    });
    await worker.kill();
  } finally {
    watcher.close();
  }
}

async function manifestsIn({ objects }: Cluster, stage: string): Promise<number> {
  let count = 0;
  for await (const { key } of objects.list(`v1/${stage}/`)) count += key.endsWith('.json') ? 1 : 0;
  return count;
}
