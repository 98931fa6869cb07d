import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, HEARTBEAT_TIMEOUT_SECONDS, type Cluster } from './support/cluster';
import { disturbedFilm } from './support/disturbed';
import { bounded, recovery, report } from './support/faults';
import { LossyProxy } from './support/lossy-proxy';

/** Longer than a heartbeat timeout, so that another attempt begins. */
const TOO_LONG_MS = (HEARTBEAT_TIMEOUT_SECONDS + 4) * 1000;
const FAULT_AT = 52;

/** Keys of everything in the store. */
async function listing({ objects }: Cluster): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list('v1/')) keys.push(key);
  return keys;
}

/** The process that tracks now. */
const trackingPid = (cluster: Cluster): number => cluster.trace.lines().at(-1)!.pid;

describe('workers that are believed dead and are not', () => {
  const { atWork, outcomes } = disturbedFilm();

  it('5: a worker that was stopped comes back when another one has finished its work', async () => {
    const cluster = await atWork({ standIn: { frameMs: 60 } });
    const first = await cluster.startWorker();
    await cluster.tracked(FAULT_AT);
    const stoppedPid = trackingPid(cluster);
    first.signal('SIGSTOP');
    const since = Date.now();
    const second = await cluster.startWorker();
    const recoverySeconds = await recovery(cluster, since, stoppedPid);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const before = await listing(cluster);
    first.signal('SIGCONT');
    // It must hear that its attempt is over, and what its process had ready must not be taken.
    await sleep(5_000);
    expect(await listing(cluster)).toEqual(before);
    expect(await first.stop()).toBe(0);
    expect(await second.stop()).toBe(0);
    expect(cluster.scratch()).toEqual([]);
    expect(await listing(cluster)).toEqual(before);
    report({ fault: 5, name: 'worker stopped, later continued', done: 'SIGSTOP while a chunk is tracked, another worker finishes the job, SIGCONT', lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
  }, bounded(30));

  it('6: the network between worker and server is cut', async () => {
    const cluster = await atWork({ standIn: { frameMs: 60 } });
    const proxy = await LossyProxy.listen(cluster.server.address);
    try {
      // So slow that it is still at its chunk when another worker takes it over.
      const slow = { VAMG_STAND_IN: JSON.stringify({ frameMs: 600, checkpointFrames: 1, trace: path.join(cluster.folder, 'trace.jsonl') }) };
      const first = await cluster.startWorker({ address: proxy.address, env: slow });
      await cluster.tracked(4);
      const cutPid = trackingPid(cluster);
      const reached = cluster.trace.tracked();
      proxy.drop();
      const since = Date.now();
      const second = await cluster.startWorker();
      await eventually('another worker to take over', () => cluster.trace.resumed(since) !== undefined, 60_000);
      const takenOver = cluster.trace.resumed(since)!;
      const recoverySeconds = await recovery(cluster, since, cutPid);
      proxy.reset();
      const { now, calm } = await outcomes(cluster);
      expect(now).toEqual(calm);
      // Heartbeats got lost; what the cut-off worker stored meanwhile did not.
      expect(takenOver.value).toBeGreaterThan(reached + 2);
      expect(await first.stop()).toBe(0);
      expect(await second.stop()).toBe(0);
      expect(cluster.scratch()).toEqual([]);
      report({ fault: 6, name: 'network cut', done: `no bytes between worker and server until another worker has taken over, then a reset`, lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
    } finally {
      await proxy.close();
    }
  }, bounded(30));

  it('11: a worker whose event loop is blocked for longer than the heartbeat timeout', async () => {
    const cluster = await atWork({ standIn: { frameMs: 60 } });
    const env = { NODE_OPTIONS: `--require ${path.join(__dirname, 'support', 'block-on-signal.cjs')}`, CHAOS_BLOCK_MS: String(TOO_LONG_MS) };
    const worker = await cluster.startWorker({ env });
    await cluster.tracked(FAULT_AT);
    worker.signal('SIGUSR2');
    const since = Date.now();
    // Its process goes on until it waits for a checkpoint to be stored.
    await sleep(2_000);
    const recoverySeconds = 2 + (await recovery(cluster, since + 2_000));
    expect(recoverySeconds).toBeGreaterThan(HEARTBEAT_TIMEOUT_SECONDS);
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    expect(await worker.stop()).toBe(0);
    expect(cluster.scratch()).toEqual([]);
    report({ fault: 11, name: 'worker blocked', done: `its event loop is busy for ${TOO_LONG_MS / 1000} s while a chunk is tracked; there is no other worker`, lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
  }, bounded(30));
});
