import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type Cluster } from '../support/cluster';
import { disturbedFilm, JOB } from '../support/disturbed';
import { bounded, recovery, report } from '../support/faults';
import { killWorkerAt, publishing, reading } from '../support/held-worker';
import { attemptsOf } from '../support/histories';

/** Frames between two checkpoints of tracking. */
const CHECKPOINT_FRAMES = 8;
/** Tracked when the fault comes: in the middle of the second chunk. */
const FAULT_AT = 52;

describe('processes that are killed', () => {
  const { atWork, outcomes } = disturbedFilm();

  it('1: kill -9 of the worker', async () => {
    const cluster = await atWork({ standIn: { checkpointFrames: CHECKPOINT_FRAMES } });
    const first = await cluster.startWorker();
    await cluster.tracked(FAULT_AT);
    await first.kill();
    const since = Date.now();
    const safe = [...(await cluster.checkpoints()).values()];
    const second = await cluster.startWorker();
    const recoverySeconds = await recovery(cluster, since);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const resumed = cluster.trace.resumed(since)!;
    expect(safe).toContain(resumed.value);
    expect(resumed.value).toBeGreaterThan(0);
    const repeated = cluster.trace.repeated();
    expect(repeated.frames).toBeLessThanOrEqual(CHECKPOINT_FRAMES);
    expect(await second.stop()).toBe(0);
    report({ fault: 1, name: 'worker killed', done: 'kill -9 while a chunk is tracked; another worker is started', lost: 0, recoverySeconds, repeated });
  }, bounded(30));

  it('1: kill -9 while IDs are resolved, and again while the result is published', async () => {
    const cluster = await atWork({ standIn: { frameMs: 0 } });
    const inference = await cluster.startWorker({ roles: 'inference' });
    await killWorkerAt(cluster, reading('match'));
    await killWorkerAt(cluster, publishing('publish'));
    expect(await published(cluster)).toBe(0);
    const since = Date.now();
    const last = await cluster.startWorker({ roles: 'control,media' });
    await eventually('the result to be published', async () => (await published(cluster)) > 0, 120_000);
    const recoverySeconds = (Date.now() - since) / 1000;
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    expect(await attemptsOf(cluster, JOB)).toMatchObject({ match: [1], resolve: [2], publish: [2] });
    const repeated = cluster.trace.repeated();
    expect(repeated.frames).toBe(0);
    expect([await inference.stop(), await last.stop()]).toEqual([0, 0]);
    const done = 'kill -9 of the worker for control and media steps while `resolve` reads, and of the next one when the data of `publish` is stored and its manifest is not; a third one is started (whole step)';
    report({ fault: 1, name: 'control worker killed', done, lost: 0, recoverySeconds, repeated });
  }, bounded(40));

  it('2: kill -9 of the server, while the job is paused', async () => {
    const cluster = await atWork();
    const worker = await cluster.startWorker();
    await cluster.tracked(FAULT_AT);
    await cluster.jobs.pause(JOB);
    await cluster.server.kill();
    const since = Date.now();
    await sleep(3_000);
    await cluster.server.start();
    await eventually('the job to say that it is paused', async () => (await cluster.jobs.progress(JOB)).workflow?.paused === true, 60_000);
    await cluster.jobs.resume(JOB);
    const recoverySeconds = await recovery(cluster, since);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const repeated = cluster.trace.repeated();
    expect(repeated.frames).toBeLessThanOrEqual(CHECKPOINT_FRAMES);
    expect(await worker.stop()).toBe(0);
    report({ fault: 2, name: 'server killed', done: 'kill -9 while a chunk is tracked and the job is paused; back with the same database after 3 s, still paused, resumed', lost: 0, recoverySeconds, repeated });
  }, bounded(20));

  it('4: SIGTERM of the worker', async () => {
    const cluster = await atWork({ standIn: { frameMs: 150, checkpointFrames: 1 } });
    const first = await cluster.startWorker();
    await cluster.tracked(8);
    const told = Date.now();
    expect(await first.stop()).toBe(0);
    const since = Date.now();
    // The grace time of the test's temporal.yaml is 2 s.
    expect(since - told).toBeGreaterThan(1_900);
    const safe = [...(await cluster.checkpoints()).values()];
    const second = await cluster.startWorker();
    const recoverySeconds = await recovery(cluster, since);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    expect(safe).toContain(cluster.trace.resumed(since)!.value);
    const repeated = cluster.trace.repeated();
    // A frame whose checkpoint was about to be stored when the grace time was over.
    expect(repeated.frames).toBeLessThanOrEqual(1);
    expect(await second.stop()).toBe(0);
    expect(cluster.scratch()).toEqual([]);
    report({ fault: 4, name: 'worker told to end', done: 'SIGTERM while a chunk is tracked, exit code 0 after the grace time; another worker is started', lost: 0, recoverySeconds, repeated });
  }, bounded(15));
});

/** Results in the store. */
async function published({ objects }: Cluster): Promise<number> {
  let count = 0;
  for await (const { key } of objects.list('v1/publish/')) count += key.endsWith('.json') ? 1 : 0;
  return count;
}
