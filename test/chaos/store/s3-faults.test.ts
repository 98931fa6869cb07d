import { Cluster } from '../support/cluster';
import { JOB } from '../support/disturbed';
import { FaultProxy, type FaultPlan, type HttpFault, type Injection } from '../support/fault-proxy';
import { bounded, report } from '../support/faults';
import { smallFilm } from '../support/film';
import { undisturbed, type Outcome } from '../support/oracle';
import { forget, outcomeAs } from '../support/store-trial';
import { describeWithS3, S3Server } from '../../support/s3-server';

const SEED = process.env['VAMG_CHAOS_SEED'] ?? 'seven';
/** VAMG_S3_TIMEOUT of workers and client. */
const TIMEOUT_SECONDS = 2;
/** A connection that is given up is closed this much later at the latest, on a busy machine. */
const SLACK_MS = 8_000;

/** Share of requests that each fault strikes. */
const SHARES: readonly (readonly [HttpFault, number])[] = [
  ['unavailable', 0.1],
  ['error', 0.1],
  ['reset', 0.1],
  ['lost', 0.1],
  ['hang', 0.02],
  ['truncated', 0.1],
  ['flipped', 0.07],
  ['trickle', 0.05],
];

describeWithS3('7: an S3 store that misbehaves (skipped without VERSITYGW_PATH)', () => {
  let calm: Outcome;
  let server: S3Server;
  let proxy: FaultProxy;
  let cluster: Cluster;
  let film: string;

  beforeAll(async () => {
    film = await smallFilm();
    calm = await undisturbed(async (one) => {
      await one.submit(film, JOB);
      return [JOB];
    });
    server = await S3Server.start();
    proxy = await FaultProxy.start(server.port, SEED);
    const env = { ...server.env(proxy.port), VAMG_S3_TIMEOUT: String(TIMEOUT_SECONDS) };
    cluster = await Cluster.open({ storeUrl: `s3://${server.bucket}/chaos`, env, standIn: { frameMs: 2 } });
    await Promise.all([cluster.startWorker(), cluster.startWorker()]);
  }, bounded(40));

  afterEach(async () => {
    const direct = server.open('chaos/');
    await forget(cluster, direct);
    // No upload is left by half.
    expect(await direct.removeAbandoned(Date.now() + 60_000)).toBe(0);
  }, bounded(10));

  afterAll(async () => {
    await cluster?.close();
    await proxy?.close();
    await server?.dispose();
  }, bounded(10));

  /** Do some work while a fault strikes. @returns what was struck; none of it stayed open beyond the deadline */
  async function during(plan: FaultPlan, work: () => Promise<unknown>): Promise<readonly Injection[]> {
    const before = proxy.injections.length;
    proxy.plan = plan;
    try {
      await work();
    } finally {
      proxy.plan = null;
    }
    const struck = proxy.injections.slice(before);
    expect(struck.length).toBeGreaterThan(0);
    expect(struck.filter(({ openMs }) => openMs !== null && openMs > TIMEOUT_SECONDS * 1000 + SLACK_MS)).toEqual([]);
    return struck;
  }

  it.each(SHARES)('%s', async (fault, share) => {
    const [since, requests] = [Date.now(), proxy.count];
    await cluster.submit(film, fault);
    const struck = await during({ fault, share }, () => cluster.jobs.wait(fault));
    const done = `${struck.length} of ${proxy.count - requests} requests, two workers, seed ${SEED}; the job took ${((Date.now() - since) / 1000).toFixed(1)} s`;
    expect(await outcomeAs(cluster, fault)).toEqual(calm);
    report({ fault: 7, name: `S3 store: ${fault}`, done, lost: 0, recoverySeconds: null, repeated: null });
  }, bounded(20));

  it('forbidden: ends at once and says why, and goes on when it is started again', async () => {
    let error: unknown;
    await cluster.submit(film, 'forbidden');
    const concerns = (method: string, path: string): boolean => method === 'PUT' && path.includes('/v1/track/');
    const struck = await during({ fault: 'forbidden', share: 1, concerns }, async () => {
      error = await cluster.jobs.wait('forbidden').catch((thrown: unknown) => thrown);
    });
    expect(error).toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('AccessDenied') as string });
    const since = Date.now();
    await cluster.submit(film, 'forbidden');
    expect(await outcomeAs(cluster, 'forbidden')).toEqual(calm);
    const done = `permission to write refused ${struck.length} times in the middle; the job ends and says so, and is started again`;
    report({ fault: 7, name: 'S3 store: forbidden', done, lost: 0, recoverySeconds: (Date.now() - since) / 1000, repeated: null });
  }, bounded(20));
});
