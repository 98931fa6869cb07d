import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256Hex } from '../../../adapters/store/hash-file';
import { artefactManifestSchema } from '../../../contracts/artefact-manifest';
import { unsealJson } from '../../../adapters/store/sealed-json';
import { listProcesses } from '../../../bench/process-tree';
import { memoryFolder } from '../../support/memory-folder';
import { eventually, type Cluster } from '../support/cluster';
import { disturbedFilm, JOB } from '../support/disturbed';
import { bounded, recovery, report } from '../support/faults';
import { FILM_FRAMES } from '../support/film';
import { limitFileSize, SmallDisk } from '../support/small-disk';

const MEGABYTES = 8;
/** Smaller than anything that is written here, for where no small disk can be made. */
const FILE_BYTES = 64;
/** Tracked when the disk is full: in the second chunk. */
const FULL_AT = 40;

describe('8: a full disk', () => {
  const { atWork, outcomes } = disturbedFilm();
  const disk = process.env['VAMG_CHAOS_NO_MOUNT'] === undefined ? SmallDisk.mount(MEGABYTES) : null;
  const folder = disk?.folder ?? memoryFolder('vamg-disk-');
  const means = disk === null ? `files of at most ${FILE_BYTES} bytes` : `a file system of ${MEGABYTES} MB, full`;
  afterAll(() => disk?.unmount());

  const fill = (pid: number): void => (disk === null ? limitFileSize(pid, FILE_BYTES) : disk.fill());
  const free = (pid: number): void => (disk === null ? limitFileSize(pid, null) : disk.free());

  it('of store and scratch: the job waits, says why, and goes on', async () => {
    const cluster = await atWork({ storeUrl: path.join(folder, 'store'), env: { VAMG_SCRATCH: path.join(folder, 'scratch') } });
    const worker = await cluster.startWorker();
    await cluster.tracked(FULL_AT);
    fill(worker.pid);
    await eventually('the job to say that it waits for space', async () => (await cluster.jobs.progress(JOB)).steps.some(({ lastFailure }) => lastFailure === 'ResourceExhausted'), 60_000);
    const { steps, status } = await cluster.jobs.progress(JOB);
    expect(status).toBe('running');
    expect(steps.find(({ lastFailure }) => lastFailure === 'ResourceExhausted')?.lastFailureMessage).toMatch(/cannot take more data .*free some space/);
    expect(await damagedObjects(cluster)).toEqual([]);
    free(worker.pid);
    const recoverySeconds = await recovery(cluster, Date.now());
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    const done = `${means}, while a chunk is tracked; ResourceExhausted is shown, a minute between attempts; space is freed`;
    report({ fault: 8, name: 'disk of the store full', done, lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
  }, bounded(60));

  it('of the Temporal server: nothing is lost, and the database is sound', async () => {
    const database = path.join(folder, 'temporal.db');
    const cluster = await atWork({ serverArgs: ['--db-filename', database] });
    await cluster.startWorker();
    await cluster.tracked(FULL_AT);
    const server = listProcesses().find(({ command }) => command.includes(database))!;
    fill(server.pid);
    await sleep(15_000);
    // Without its server the worker comes no further than the chunk that it has.
    expect(cluster.trace.tracked()).toBeLessThan(FILM_FRAMES);
    expect(listProcesses().some(({ pid }) => pid === server.pid)).toBe(true);
    free(server.pid);
    const recoverySeconds = await recovery(cluster, Date.now());
    const { now, calm } = await outcomes(cluster);
    expect(now).toEqual(calm);
    await cluster.server.kill();
    expect(integrityOf(database)).toBe('ok');
    const done = `${means}, for 15 s while a chunk is tracked; space is freed`;
    report({ fault: 8, name: 'disk of the Temporal server full', done, lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
  }, bounded(60));
});

/** Objects that are not what their name or their seal says. */
async function damagedObjects({ objects }: Cluster): Promise<string[]> {
  const damaged: string[] = [];
  for await (const { key } of objects.list('v1/')) {
    const [, kind, name] = key.split('/');
    const bytes = kind === 'checkpoints' ? null : await objects.get(key);
    if (bytes === null) continue;
    const isWhole = kind === 'data' ? sha256Hex(bytes) === name : artefactManifestSchema.safeParse(unsealJson(bytes)).success;
    if (!isWhole) damaged.push(key);
  }
  return damaged;
}

/** SQLite's own word on a database file. */
function integrityOf(file: string): string {
  const script = 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])';
  return execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim();
}
