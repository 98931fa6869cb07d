import { Cluster, type ClusterOptions } from '../support/cluster';
import { bounded, recovery, report } from '../support/faults';
import { smallFilm } from '../support/film';
import { outcomeOf, undisturbed, type Outcome } from '../support/oracle';

describe('processes that are killed', () => {
  let calm: Outcome;
  let film: string;
  let cluster: Cluster | undefined;

  beforeAll(async () => {
    film = await smallFilm();
    calm = await undisturbed(async (one) => {
      await one.submit(film, 'film');
      return ['film'];
    });
    expect(calm).toMatchObject({ published: 1, leftovers: [], notReplayed: [] });
  }, bounded(20));

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  /** A cluster with the film at work. */
  async function atWork(options?: ClusterOptions): Promise<Cluster> {
    cluster = await Cluster.open(options);
    await cluster.submit(film, 'film');
    return cluster;
  }

  it('1: kill -9 of the worker', async () => {
    const one = await atWork();
    const first = await one.startWorker();
    await one.tracked(60);
    await first.kill();
    const since = Date.now();
    const safe = [...(await one.checkpoints()).values()];
    const second = await one.startWorker();
    const seconds = await recovery(one, since);
    expect(await outcomeOf(one, ['film'])).toEqual(calm);
    const resumed = one.trace.resumed(since);
    expect(safe).toContain(resumed?.value);
    expect(resumed?.value).toBeGreaterThan(0);
    const repeated = one.trace.repeated();
    expect(repeated.frames).toBeLessThanOrEqual(8);
    expect(await second.stop()).toBe(0);
    report({ fault: 1, name: 'worker killed', done: 'kill -9 while a chunk is tracked, another worker started', lost: 0, recoverySeconds: seconds, repeated });
  }, bounded(30));
});
