import { setTimeout as sleep } from 'node:timers/promises';
import { disturbedFilm, JOB } from '../support/disturbed';
import { bounded, report } from '../support/faults';
import { killWorkerAt, publishing, reading } from '../support/held-worker';
import { attemptsOf } from '../support/histories';

describe('a worker that is killed in a step of the control or media role', () => {
  const { atWork, outcomes } = disturbedFilm();

  it('1: kill -9 while IDs are resolved, and again while the result is published', async () => {
    const cluster = await atWork({ standIn: { frameMs: 0 } });
    const inference = await cluster.startWorker({ roles: 'inference' });
    await killWorkerAt(cluster, reading('match'));
    await killWorkerAt(cluster, publishing('publish'));
    // One at a time: the manifest is the last thing that a step writes.
    expect(await stored(cluster, 'publish')).toBe(0);
    const since = Date.now();
    const last = await cluster.startWorker({ roles: 'control,media' });
    while ((await stored(cluster, 'publish')) === 0) await sleep(50);
    const recoverySeconds = (Date.now() - since) / 1000;
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const attempts = await attemptsOf(cluster, JOB);
    expect(attempts).toMatchObject({ match: [1], resolve: [2], publish: [2] });
    const repeated = cluster.trace.repeated();
    expect(repeated.frames).toBe(0);
    expect(await inference.stop()).toBe(0);
    expect(await last.stop()).toBe(0);
    const done = 'kill -9 of the worker for control and media while `resolve` reads, and of the next one when the data of `publish` is stored and its manifest is not; a third one is started (whole step)';
    report({ fault: 1, name: 'control worker killed', done, lost: 0, recoverySeconds, repeated });
  }, bounded(30));
});

async function stored({ objects }: Awaited<ReturnType<ReturnType<typeof disturbedFilm>['atWork']>>, stage: string): Promise<number> {
  let count = 0;
  for await (const { key } of objects.list(`v1/${stage}/`)) count += key.endsWith('.json') ? 1 : 0;
  return count;
}
