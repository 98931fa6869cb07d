import { createHash } from 'node:crypto';
import path from 'node:path';
import { head, row } from '../study/markdown';
import { chunkPhaseSeconds } from './history';
import { Rig, writeTinyFilm } from './rig';
import type { ScaleTools } from './scale-tools';

interface Case {
  readonly workers: number;
  readonly chunks: number;
  readonly chainChunks: number;
}

export interface WorkersFigures extends Case {
  /** From when the first step of a chunk could begin to when the last was done. */
  readonly chunkSeconds: number;
  /** Whether masks.jsonl is that of one worker. */
  readonly isSame: boolean;
}

const MOST_CHUNKS = 64;
/** More than one, so that every worker has some. */
const CHUNKS_PER_WORKER = 8;
const CHUNK_FRAMES = 56;
const OVERLAP = 8;
const DEFAULT_CHAIN = 16;
/** 7 detection frames of 300 ms and 56 frames of 120 ms are 9 s for a chunk, so that 16 processes leave two cores idle most of the time. */
const SLOW = { detectMs: 300, frameMs: 120, checkpointFrames: 28, readFrames: false } as const;
const FAST = { ...SLOW, detectMs: 0, frameMs: 0 } as const;

/**
 * A film as long as the workers are many (at most MOST_CHUNKS), each chunk by itself; and with the most workers once in chains of the
 * default length. First all of them with one quick worker, for their masks.
 */
export async function measureWorkers({ folder, temporal, ffmpeg, note }: ScaleTools, counts: readonly number[]): Promise<WorkersFigures[]> {
  const cases: Case[] = [...counts].sort((a, b) => a - b).map((workers) => ({ workers, chunks: Math.min(MOST_CHUNKS, CHUNKS_PER_WORKER * workers), chainChunks: 1 }));
  cases.push({ workers: Math.max(...counts), chunks: MOST_CHUNKS, chainChunks: DEFAULT_CHAIN });
  const rig = await Rig.start(path.join(folder, 'workers'), temporal);
  try {
    writeTinyFilm(ffmpeg, rig.path('film.mp4'), { seconds: frames(MOST_CHUNKS), fps: 1 });
    await rig.startWorker('control,media', 4);
    const quick = await rig.startWorker('inference', 1, FAST);
    const masks: string[] = [];
    for (const [i, one] of cases.entries()) masks.push((await segment(rig, `quick-${i}`, { ...one, workers: 1 }, 0)).masks);
    await rig.stopWorkers([quick]);
    note('masks of one worker are there');
    const all: WorkersFigures[] = [];
    for (const [i, one] of cases.entries()) {
      for (let started = rig.workers.length - 1; started < one.workers; started++) await rig.startWorker('inference', 1, SLOW);
      const { chunkSeconds, masks: found } = await segment(rig, `slow-${i}`, one, 1 + i);
      all.push({ ...one, chunkSeconds, isSame: found === masks[i] });
      note(`${one.workers} workers, ${one.chunks} chunks in chains of ${one.chainChunks}: ${chunkSeconds.toFixed(1)} s`);
    }
    return all;
  } finally {
    await rig.stop();
  }
}

const frames = (chunks: number): number => (CHUNK_FRAMES - OVERLAP) * chunks + OVERLAP;

/** @param nonce makes it another job to the store; the stand-in does not look at what it is put in */
async function segment(rig: Rig, id: string, { workers, chunks, chainChunks }: Case, nonce: number): Promise<{ chunkSeconds: number; masks: string }> {
  const cut = ['--chunk-frames', String(CHUNK_FRAMES), '--overlap-frames', String(OVERLAP), '--chain-chunks', String(chainChunks), '--end', String(frames(chunks)), '--parallel', String(2 * workers)];
  await rig.vamgOrThrow(['segment', 'film.mp4', '--id', id, '--out', id, ...cut, '--pred-iou-thresh', String(0.5 + nonce / 1000), '--no-overlay', '--no-viewer', '--json']);
  const client = await rig.client();
  const chunkSeconds = await chunkPhaseSeconds(client, `segment-${id}`);
  await client.connection.close();
  return { chunkSeconds, masks: createHash('sha256').update(rig.read(`${id}/masks.jsonl`)).digest('hex') };
}

/** One line for each case; rates are those of chunks, over that of the first. */
export function workersTables(all: readonly WorkersFigures[]): string[] {
  const rate = ({ chunks, chunkSeconds }: WorkersFigures): number => chunks / chunkSeconds;
  return [
    ...head(['workers', 'chunks', 'chunks of a chain', 'rate of chunks over that of one worker', 'masks.jsonl as from one worker']),
    ...all.map((one) => row(one.workers, one.chunks, one.chainChunks, (rate(one) / rate(all[0]!)).toFixed(2), one.isSame ? 'yes' : 'NO')),
  ];
}
