import { createHash } from 'node:crypto';
import path from 'node:path';
import { head, row } from '../study/markdown';
import { chunkPhaseSeconds } from './history';
import { Rig, writeTinyFilm } from './rig';
import type { ScaleTools } from './scale-tools';

export interface WorkersFigures {
  readonly workers: number;
  readonly chainChunks: number;
  /** From the first step of a chunk that was due to the last that was done. */
  readonly chunkSeconds: number;
  readonly masksSha256: string;
}

const CHUNKS = 64;
const CHUNK_FRAMES = 56;
const OVERLAP = 8;
/** 7 detection frames and 56 frames of 40 ms: 3 s for a chunk. */
const WORK = { detectMs: 100, frameMs: 40, checkpointFrames: 28, readFrames: false } as const;
/** Each chunk by itself, and the default of --chain-chunks: then the film is four chains. */
const CHAINS = [1, 16];

/** The same film with each number of worker processes, for each length of chains. */
export async function measureWorkers({ folder, temporal, ffmpeg, note }: ScaleTools, counts: readonly number[]): Promise<WorkersFigures[]> {
  const all: WorkersFigures[] = [];
  const rig = await Rig.start(path.join(folder, 'workers'), temporal);
  try {
    writeTinyFilm(ffmpeg, rig.path('film.mp4'), { seconds: (CHUNK_FRAMES - OVERLAP) * CHUNKS + OVERLAP, fps: 1 });
    await rig.startWorker('control,media', 4);
    let started = 0;
    for (const workers of [...counts].sort((a, b) => a - b)) {
      for (; started < workers; started++) await rig.startWorker('inference', 1, WORK);
      // Every inference process has been started once.
      await segment(rig, `warm-${workers}`, 1, workers, all.length);
      for (const chainChunks of CHAINS) {
        const id = `w${workers}-c${chainChunks}`;
        all.push({ workers, chainChunks, ...(await segment(rig, id, chainChunks, workers, 100 + all.length)) });
        note(`${id}: ${all.at(-1)!.chunkSeconds.toFixed(1)} s`);
      }
    }
    return all;
  } finally {
    await rig.stop();
  }
}

/** @param nonce makes it another job to the store; the stand-in does not look at what it is put in */
async function segment(rig: Rig, id: string, chainChunks: number, workers: number, nonce: number): Promise<Pick<WorkersFigures, 'chunkSeconds' | 'masksSha256'>> {
  const cut = ['--chunk-frames', String(CHUNK_FRAMES), '--overlap-frames', String(OVERLAP), '--chain-chunks', String(chainChunks), '--parallel', String(2 * workers)];
  const end = id.startsWith('warm') ? ['--end', String((CHUNK_FRAMES - OVERLAP) * workers)] : [];
  await rig.vamgOrThrow(['segment', 'film.mp4', '--id', id, '--out', id, ...cut, ...end, '--pred-iou-thresh', String(0.5 + nonce / 1000), '--no-overlay', '--no-viewer', '--json']);
  const client = await rig.client();
  const chunkSeconds = await chunkPhaseSeconds(client, `segment-${id}`);
  await client.connection.close();
  return { chunkSeconds, masksSha256: createHash('sha256').update(rig.read(`${id}/masks.jsonl`)).digest('hex') };
}

/** One table: rate of chunks over that of the first number of workers. */
export function workersTables(all: readonly WorkersFigures[]): string[] {
  const rate = (one: WorkersFigures): number => CHUNKS / one.chunkSeconds;
  const lines = head(['workers', ...CHAINS.flatMap((chain) => [`chains of ${chain}: rate over 1 worker`, 'same masks.jsonl'])]);
  for (const workers of [...new Set(all.map((one) => one.workers))]) {
    const cells = CHAINS.flatMap((chain) => {
      const of = all.filter((one) => one.chainChunks === chain);
      const here = of.find((one) => one.workers === workers)!;
      return [(rate(here) / rate(of[0]!)).toFixed(2), here.masksSha256 === of[0]!.masksSha256 ? 'yes' : 'NO'];
    });
    lines.push(row(workers, ...cells));
  }
  return lines;
}
