import { Cluster, type ClusterOptions } from './cluster';
import { bounded } from './faults';
import { smallFilm } from './film';
import { outcomeOf, undisturbed, type Outcome } from './oracle';

/** The job that most faults disturb. */
export const JOB = 'film';

/** Jest's hooks for tests that disturb the job of one small film and compare with what it leaves when nothing happens. */
export function disturbedFilm(): {
  /** A cluster without workers, with the job waiting; closed after the test. */
  readonly atWork: (options?: ClusterOptions) => Promise<Cluster>;
  /** What the job leaves now, and what it leaves undisturbed. */
  readonly outcomes: (cluster: Cluster) => Promise<{ readonly now: Outcome; readonly calm: Outcome }>;
} {
  let calm: Outcome;
  let film: string;
  let cluster: Cluster | undefined;

  beforeAll(async () => {
    film = await smallFilm();
    calm = await undisturbed(async (one) => {
      await one.submit(film, JOB);
      return [JOB];
    });
    expect(calm).toMatchObject({ published: 1, leftovers: [], notReplayed: [] });
  }, bounded(20));

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  }, bounded(10));

  return {
    atWork: async (options) => {
      cluster = await Cluster.open(options);
      await cluster.submit(film, JOB);
      return cluster;
    },
    outcomes: async (one) => ({ now: await outcomeOf(one, [JOB]), calm }),
  };
}
