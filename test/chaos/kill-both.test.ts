import { disturbedFilm } from './support/disturbed';
import { bounded, recovery, report } from './support/faults';

const CHECKPOINT_FRAMES = 8;

describe('everything is killed at once', () => {
  const { atWork, outcomes } = disturbedFilm();

  it('3: kill -9 of server and worker', async () => {
    const cluster = await atWork({ standIn: { checkpointFrames: CHECKPOINT_FRAMES } });
    const first = await cluster.startWorker();
    await cluster.tracked(52);
    await Promise.all([first.kill(), cluster.server.kill()]);
    const since = Date.now();
    const safe = [...(await cluster.checkpoints()).values()];
    await cluster.server.start();
    const second = await cluster.startWorker();
    const recoverySeconds = await recovery(cluster, since);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    expect(safe).toContain(cluster.trace.resumed(since)!.value);
    const repeated = cluster.trace.repeated();
    expect(repeated.frames).toBeLessThanOrEqual(CHECKPOINT_FRAMES);
    expect(await second.stop()).toBe(0);
    report({ fault: 3, name: 'server and worker killed', done: 'kill -9 of both while a chunk is tracked; both are started again', lost: 0, recoverySeconds, repeated });
  }, bounded(25));
});
