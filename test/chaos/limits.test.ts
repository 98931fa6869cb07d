import type { SegmentOptionsInput } from '../../contracts/segment-options';
import { Cluster } from './support/cluster';
import { JOB } from './support/disturbed';
import { bounded, report } from './support/faults';
import { smallFilm } from './support/film';
import { historiesOf, type History } from './support/histories';
import { outcomeOf, undisturbed } from './support/oracle';

const MOST_PENDING = 20;
const LONG_HISTORY = 50;
const LIMITS = [`limit.historyCount.suggestContinueAsNew=${LONG_HISTORY}`, `limit.numPendingActivities.error=${MOST_PENDING}`].flatMap((limit) => ['--dynamic-config-value', limit]);

/** More chunks than activities may be pending, and nearly as many at one time. */
const OPTIONS: SegmentOptionsInput = {
  planning: { chunkFrames: 8, chainChunks: 1, overlapFrames: 3, parallel: 16 },
  tracking: { detectEvery: 8 },
  output: { overlay: false, viewer: false },
};

/** Most activities that were scheduled and not over, at any moment. */
function mostPending({ events }: History): number {
  let [pending, most] = [0, 0];
  for (const event of events ?? []) {
    if (event.activityTaskScheduledEventAttributes) most = Math.max(most, ++pending);
    if (event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes ?? event.activityTaskCanceledEventAttributes) pending--;
  }
  return most;
}

it('12: a server that wants short histories and allows few pending activities', async () => {
  const film = await smallFilm();
  const run = async (cluster: Cluster): Promise<string[]> => {
    await cluster.submit(film, JOB, OPTIONS);
    return [JOB];
  };
  const options = { standIn: { frameMs: 0, readFrames: false } };
  const calm = await undisturbed(run, options);
  const cluster = await Cluster.open({ ...options, serverArgs: LIMITS });
  try {
    await run(cluster);
    const worker = await cluster.startWorker({ slots: 4 });
    expect(await outcomeOf(cluster, [JOB])).toEqual(calm);
    const runs = await historiesOf(cluster, JOB);
    expect(runs.length).toBeGreaterThan(1);
    const most = Math.max(...runs.map(mostPending));
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThanOrEqual(MOST_PENDING);
    const repeated = cluster.trace.repeated();
    expect(repeated.frames).toBe(0);
    expect(await worker.stop()).toBe(0);
    report({ fault: 12, name: 'limits of the server', done: `histories are cut at ${LONG_HISTORY} events (${runs.length} runs), ${MOST_PENDING} pending activities allowed (${most} used)`, lost: 0, recoverySeconds: null, repeated });
  } finally {
    await cluster.close();
  }
}, bounded(40));
