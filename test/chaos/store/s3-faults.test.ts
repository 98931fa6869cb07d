import { Cluster } from '../support/cluster';
import { FaultProxy, type HttpFault } from '../support/fault-proxy';
import { bounded, report } from '../support/faults';
import { FILM_OPTIONS, smallFilm } from '../support/film';
import { outcomeOf, undisturbed, type Outcome } from '../support/oracle';
import { describeWithS3, S3Server } from '../../support/s3-server';

const SEED = process.env['VAMG_CHAOS_SEED'] ?? 'seven';
/** VAMG_S3_TIMEOUT of workers and client. */
const TIMEOUT_SECONDS = 2;
/** A connection that is given up is closed this much later at the latest, on a busy machine. */
const SLACK_MS = 6_000;

/** Share of requests that each fault strikes. */
const SHARES: readonly (readonly [HttpFault, number])[] = [
  ['unavailable', 0.1],
  ['error', 0.1],
  ['reset', 0.1],
  ['lost', 0.1],
  ['hang', 0.02],
  ['truncated', 0.1],
  ['flipped', 0.05],
  ['trickle', 0.05],
];
const FILMS = [...SHARES.map(([fault]) => fault as string), 'forbidden'];

describeWithS3('7: an S3 store that misbehaves (skipped without VERSITYGW_PATH)', () => {
  let calm: Outcome;
  let server: S3Server;
  let proxy: FaultProxy;
  let cluster: Cluster;
  const films: string[] = [];

  beforeAll(async () => {
    for (const name of FILMS.keys()) films.push(await smallFilm(name + 1));
    calm = await undisturbed(async (one) => {
      for (const [at, id] of FILMS.entries()) await one.submit(films[at]!, id);
      return FILMS;
    });
    expect(calm).toMatchObject({ published: FILMS.length, leftovers: [], notReplayed: [] });
    server = await S3Server.start();
    proxy = await FaultProxy.start(server.port, SEED);
    const env = { ...server.env(proxy.port), VAMG_S3_TIMEOUT: String(TIMEOUT_SECONDS) };
    cluster = await Cluster.open({ storeUrl: `s3://${server.bucket}/chaos`, env, standIn: { frameMs: 2 } });
    await cluster.startWorker();
    await cluster.startWorker();
  }, bounded(40));

  afterAll(async () => {
    await cluster?.close();
    await proxy?.close();
    await server?.dispose();
  }, bounded(10));

  /** Run a film while a fault strikes. @returns how often it did */
  async function run(id: string, fault: HttpFault, share: number, work: () => Promise<unknown>): Promise<number> {
    await cluster.submit(films[FILMS.indexOf(id)]!, id, FILM_OPTIONS);
    const before = proxy.injections.length;
    proxy.plan = { fault, share };
    try {
      await work();
    } finally {
      proxy.plan = null;
    }
    const struck = proxy.injections.slice(before);
    for (const { openMs, method, path } of struck) expect([method, path, (openMs ?? Infinity) < TIMEOUT_SECONDS * 1000 + SLACK_MS]).toEqual([method, path, true]);
    return struck.length;
  }

  it.each(SHARES)('%s', async (fault, share) => {
    const since = Date.now();
    const requests = proxy.count;
    const struck = await run(fault, fault, share, () => cluster.jobs.wait(fault));
    const seconds = (Date.now() - since) / 1000;
    expect(struck).toBeGreaterThan(0);
    const found = await outcomeOf(cluster, [fault]);
    expect(found.results[fault]).toEqual(calm.results[fault]);
    expect(found).toMatchObject({ leftovers: [], notReplayed: [] });
    report({ fault: 7, name: `S3: ${fault}`, done: `${struck} of ${proxy.count - requests} requests, ${seconds.toFixed(1)} s, seed ${SEED}`, lost: 0, recoverySeconds: null, repeated: null });
  }, bounded(20));

  it('forbidden: fails at once with the reason, and goes on when it is started again', async () => {
    let error: unknown;
    const isUpload = (method: string, path: string): boolean => method === 'PUT' && path.includes('/v1/track/');
    const struck = await run('forbidden', 'forbidden', 1, async () => {
      proxy.plan = { fault: 'forbidden', share: 1, concerns: isUpload };
      error = await cluster.jobs.wait('forbidden').catch((thrown: unknown) => thrown);
    });
    expect(struck).toBeGreaterThan(0);
    expect(error).toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('AccessDenied') as string });
    const since = Date.now();
    await cluster.submit(films.at(-1)!, 'forbidden');
    const found = await outcomeOf(cluster, ['forbidden']);
    expect(found.results).toEqual({ forbidden: calm.results['forbidden'] });
    report({ fault: 7, name: 'S3: forbidden', done: `permission to write refused ${struck} times in the middle, job started again`, lost: 0, recoverySeconds: (Date.now() - since) / 1000, repeated: null });
  }, bounded(20));

  it('after all that every film has one result, nothing is left over, and nothing is uploaded by half', async () => {
    expect(await outcomeOf(cluster, FILMS)).toEqual(calm);
  }, bounded(20));
});
