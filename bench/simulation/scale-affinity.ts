import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ArtefactStore } from '../../adapters/store/artefact-store';
import { openStore } from '../../adapters/store/open-store';
import { sha256Hex } from '../../adapters/store/hash-file';
import { withScratchDir } from '../../adapters/store/scratch-dir';
import { head, row } from '../study/markdown';
import { startS3Gateway } from './s3-gateway';
import type { ScaleTools } from './scale-tools';

export interface AffinityFigures {
  readonly what: string;
  readonly megabytes: number;
  /** Median of some fetches from S3, check of the hash included. */
  readonly seconds: number;
  /** Processor time of the worker in that. */
  readonly cpuSeconds: number;
  /** How often a worker that has nothing yet fetches it. */
  readonly per: 'worker and video' | 'chunk';
}

/** Detections of a chunk; hand-overs of `draft`, `balanced` and `quality` with ten remembered frames (docs/trackers.md). */
const PIECES = [['detections of a chunk', 0.3], ['hand-over, draft', 4.5], ['hand-over, balanced', 10], ['hand-over, quality', 18]] as const;
const REPEATS = 5;

/** What a worker would be spared that already had everything: time to fetch a film, detections and a hand-over from S3. */
export async function measureAffinity({ folder, versitygw, note }: ScaleTools, filmMegabytes: number): Promise<AffinityFigures[]> {
  if (versitygw === null) throw new Error('There is no versitygw and no Go to build it.');
  const gateway = await startS3Gateway(versitygw, path.join(folder, 'affinity-s3'));
  try {
    const open = (home: string): ReturnType<typeof openStore> => openStore(gateway.env['VAMG_STORE']!, { env: gateway.env, cacheDir: path.join(folder, home) });
    const film = path.join(folder, 'film.bin');
    writeNoise(film, filmMegabytes);
    const { videoId } = await (await open('sender')).sources.register(film);
    const all: AffinityFigures[] = [];
    const worker = await open('worker');
    all.push({ what: 'video, the first time', megabytes: filmMegabytes, ...(await timed(() => worker.sources.resolve(videoId))), per: 'worker and video' });
    note(`film: ${all[0]!.seconds.toFixed(1)} s`);
    all.push({ what: 'video, from the cache', megabytes: 0, ...(await median(() => worker.sources.resolve(videoId))), per: 'chunk' });
    const artefacts = new ArtefactStore(worker.store, path.join(folder, 'scratch'));
    for (const [what, megabytes] of PIECES) all.push({ what, megabytes, ...(await fetchTime(artefacts, what, megabytes)), per: 'chunk' });
    return all;
  } finally {
    await gateway.stop();
  }
}

async function fetchTime(artefacts: ArtefactStore, name: string, megabytes: number): Promise<Times> {
  return await withScratchDir(artefacts.scratchRoot, async (folder) => {
    const file = path.join(folder, 'piece');
    writeNoise(file, megabytes);
    const key = sha256Hex(name);
    await artefacts.publishFile('hand-over', key, file, {});
    return await median(async () => await artefacts.downloadInput(await artefacts.need('hand-over', key), path.join(folder, 'fetched')));
  });
}

type Times = Pick<AffinityFigures, 'seconds' | 'cpuSeconds'>;

async function median(work: () => Promise<unknown>): Promise<Times> {
  const times: Times[] = [];
  for (let i = 0; i < REPEATS; i++) times.push(await timed(work));
  return times.sort((a, b) => a.seconds - b.seconds)[REPEATS >> 1]!;
}

async function timed(work: () => Promise<unknown>): Promise<Times> {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 };
}

function writeNoise(file: string, megabytes: number): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const output = openSync(file, 'w');
  for (let left = Math.round(megabytes * 1e6); left > 0; left -= 1e7) writeSync(output, randomFillSync(Buffer.alloc(Math.min(left, 1e7))));
  closeSync(output);
}

/** @param chunkSeconds what a chunk takes, on a GPU and on a CPU */
export function affinityTables(all: readonly AffinityFigures[], chunkSeconds: readonly (readonly [device: string, seconds: number])[]): string[] {
  return [
    ...head(['fetched from S3', 'MB', 'once per', 'ms', 'of them processor ms of the worker', ...chunkSeconds.map(([device, seconds]) => `share of a chunk of ${seconds} s (${device})`)]),
    ...all.map(({ what, megabytes, seconds, cpuSeconds, per }) => row(what, megabytes, per, (seconds * 1000).toFixed(0), (cpuSeconds * 1000).toFixed(0), ...chunkSeconds.map(([, of]) => `${((100 * seconds) / of).toFixed(2)} %`))),
  ];
}
