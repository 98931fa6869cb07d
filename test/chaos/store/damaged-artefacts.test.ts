import path from 'node:path';
import { workflowId } from '../../../workers/job-client';
import { describeWithS3, S3Server } from '../../support/s3-server';
import { Cluster, eventually, type ClusterOptions } from '../support/cluster';
import { StoreFolder, type Damage } from '../support/damage';
import { JOB } from '../support/disturbed';
import { bounded, recovery, report } from '../support/faults';
import { smallFilm } from '../support/film';
import { undisturbed, type Outcome } from '../support/oracle';
import { forget, outcomeAs } from '../support/store-trial';

/** Frames of all chunks, those of the overlap twice, less than what the last chunk has. */
const NEARLY_TRACKED = 112;

let calm: Outcome;
let film: string;
let cluster: Cluster;

beforeAll(async () => {
  film = await smallFilm();
  calm = await undisturbed(async (one) => {
    await one.submit(film, JOB);
    return [JOB];
  });
}, bounded(20));

/** Frames that were tracked since, each counted once. */
function trackedSince(sinceMs: number): number {
  const lines = cluster.trace.lines().filter(({ stage, event, atMs }) => stage === 'track' && event === 'frame' && atMs >= sinceMs);
  return new Set(lines.map(({ chunk, value }) => `${chunk} ${value}`)).size;
}

/** Start the job, let it come so far, and hold it there: nothing runs until it is resumed. */
async function holdAt(id: string, frames: number): Promise<void> {
  const since = Date.now();
  await cluster.submit(film, id);
  await eventually(`${frames} tracked frames`, () => trackedSince(since) >= frames, 120_000);
  await cluster.jobs.pause(id);
  await eventually('nothing to run', async () => {
    const { steps, workflow } = await cluster.jobs.progress(id);
    return workflow?.paused === true && steps.length === 0;
  }, 60_000);
}

/** How often a step of the job's last run found damage. */
async function damageNoticed(id: string): Promise<number> {
  const { events } = await cluster.client.client.workflow.getHandle(workflowId(id)).fetchHistory();
  return (events ?? []).filter(({ activityTaskFailedEventAttributes: failed }) => failed?.failure?.applicationFailureInfo?.type === 'CorruptArtifact').length;
}

/** The tests, for one kind of store. */
function damageTests(kind: string, open: () => Promise<{ options: ClusterOptions; folder: (one: Cluster) => string }>): void {
  let stored: StoreFolder;

  beforeAll(async () => {
    const { options, folder } = await open();
    cluster = await Cluster.open({ ...options, standIn: { frameMs: 40 } });
    stored = new StoreFolder(folder(cluster));
    await cluster.startWorker();
  }, bounded(20));
  afterEach(async () => await forget(cluster), bounded(10));
  afterAll(async () => await cluster?.close(), bounded(10));

  it('the hand-over, between two chunks', async () => {
    await holdAt('hand-over', 8);
    stored.damageData('hand-over', 'flipped');
    await cluster.jobs.resume('hand-over');
    const recoverySeconds = await recovery(cluster, Date.now());
    expect(await outcomeAs(cluster, 'hand-over')).toEqual(calm);
    expect(await damageNoticed('hand-over')).toBeGreaterThan(0);
    report({ fault: 10, name: `damaged in ${kind}: hand-over`, done: 'a bit flipped before the next chunk reads it; its chain of chunks is tracked again', lost: 0, recoverySeconds, repeated: null });
  }, bounded(15));

  it('tracks, between tracking and matching, and the detections that they were made from', async () => {
    await holdAt('tracks', NEARLY_TRACKED);
    (['flipped', 'truncated', 'deleted'] satisfies Damage[]).forEach((how, at) => stored.damageData('track', how, at));
    stored.damageData('detect', 'flipped');
    await cluster.jobs.resume('tracks');
    const recoverySeconds = await recoveryOfRepeated(Date.now());
    expect(await outcomeAs(cluster, 'tracks')).toEqual(calm);
    expect(await damageNoticed('tracks')).toBeGreaterThan(0);
    report({ fault: 10, name: `damaged in ${kind}: tracks`, done: 'of four chunks one flipped, one truncated, one deleted before they are matched, and a detection flipped', lost: 0, recoverySeconds, repeated: null });
  }, bounded(25));

  it('the result, and what it was made from, of a job that is started again', async () => {
    await cluster.submit(film, 'result');
    expect(await outcomeAs(cluster, 'result')).toEqual(calm);
    await cluster.submit(film, 'result');
    expect((await cluster.jobs.progress('result')).status).toBe('done');
    const [publish] = stored.manifests('publish');
    const masks = (): string => (stored.json(stored.refOf(publish!).key) as { files: Record<string, { key: string }> }).files['masks.jsonl']!.key;
    const damages: readonly (readonly [string, () => void])[] = [
      ['a file of the result flipped, its parts deleted', () => (stored.damage(masks(), 'flipped'), stored.damageData('relabel', 'deleted'), stored.damageData('resolve', 'flipped'))],
      ['a file of the result deleted, a part truncated', () => (stored.damage(masks(), 'deleted'), stored.damageData('relabel', 'truncated', 1))],
      ['the list of files truncated, and its manifest flipped', () => (stored.damageData('publish', 'truncated'), stored.damage(publish!, 'flipped'))],
    ];
    for (const [done, damage] of damages) {
      damage();
      const since = Date.now();
      await cluster.submit(film, 'result');
      expect((await cluster.jobs.progress('result')).status).toBe('running');
      expect(await outcomeAs(cluster, 'result')).toEqual(calm);
      report({ fault: 10, name: `damaged in ${kind}: result`, done: `${done}; the job is started again`, lost: 0, recoverySeconds: (Date.now() - since) / 1000, repeated: null });
    }
  }, bounded(40));
}

/** Seconds until frames are tracked again. */
async function recoveryOfRepeated(sinceMs: number): Promise<number> {
  await eventually('a frame that is tracked again', () => trackedSince(sinceMs) > 0, 60_000);
  return (Date.now() - sinceMs) / 1000;
}

describe('10: artefacts that are damaged on disk', () => {
  damageTests('a folder', async () => ({ options: {}, folder: (one) => path.join(one.folder, 'store') }));
});

describeWithS3('10: artefacts that are damaged in an S3 store (skipped without VERSITYGW_PATH)', () => {
  let server: S3Server;
  afterAll(async () => await server?.dispose(), bounded(10));
  damageTests('S3', async () => {
    server = await S3Server.start();
    return { options: { storeUrl: `s3://${server.bucket}/chaos`, env: server.env() }, folder: () => server.file('chaos') };
  });
});
