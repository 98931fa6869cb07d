/**
 * How far does it go? Long films and large archives through the real workflows on a real Temporal server, with a stand-in for the
 * networks that computes nothing (bench/simulation): what is measured is everything else. Linux only.
 *
 *   npm run bench:scale -- --what video   [--hours 1,10,100 --fps 0.2 --chunk-frames 48 --parallel 4] [--json]
 *   npm run bench:scale -- --what films   [--hours 1]          the same with overlay and page
 *   npm run bench:scale -- --what archive [--videos 500,1000,5000]
 *   npm run bench:scale -- --what workers [--workers 1,2,4,8,16]
 *   npm run bench:scale -- --what stores                       file store and S3 (versitygw)
 *   npm run bench:scale -- --what again                        a finished film once more
 *   npm run bench:scale -- --what affinity [--megabytes 1000]  what a worker fetches for a chunk
 *   npm run bench:scale -- --what resolve  [--chunks 160,640 --pure 1532,36000 --chain-chunks 16]  one ID per object, over all chunks
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { findFfmpeg } from '../adapters/ffmpeg/ffmpeg-binary';
import { findTemporal } from '../cli/embedded/find-temporal';
import { loadConfig } from '../workers/config';
import { affinityTables, measureAffinity } from './simulation/scale-affinity';
import { archiveTables, measureArchives } from './simulation/scale-archive';
import { measureResolve, resolveTables } from './simulation/scale-resolve';
import { measureStores, storesTables } from './simulation/scale-stores';
import { againTables, measureVideos, videoTables } from './simulation/scale-video';
import { measureWorkers, workersTables } from './simulation/scale-workers';
import type { ScaleTools } from './simulation/scale-tools';

/** 240 frames: at the times of bench/RESULTS.md on a GPU (768 pixels, 20 objects), and at a second a frame on a CPU, the least that README.md names. */
const CHUNK_SECONDS = [['GPU', 14], ['CPU', 240]] as const;

const numbers = (list: string): number[] => list.split(',').map(Number);

/** As the tests find it: VERSITYGW_PATH, PATH, the cache, else built; null where that is not possible. */
async function findVersitygw(root: string): Promise<string | null> {
  const program = `import(${JSON.stringify(pathToFileURL(join(root, 'infra/bootstrap/s3-server.mjs')).href)}).then((m) => m.ensureVersitygw({ required: false })).then((found) => process.stdout.write('\\n' + (found ?? '')))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
  return stdout.slice(stdout.lastIndexOf('\n') + 1) || null;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      what: { type: 'string', default: 'video' },
      hours: { type: 'string' },
      fps: { type: 'string', default: '0.2' },
      'chunk-frames': { type: 'string', default: '48' },
      parallel: { type: 'string', default: '4' },
      videos: { type: 'string', default: '500,1000,5000' },
      workers: { type: 'string', default: '1,2,4,8,16' },
      megabytes: { type: 'string', default: '1000' },
      chunks: { type: 'string', default: '160,640' },
      pure: { type: 'string', default: '1532,36000' },
      'chain-chunks': { type: 'string', default: '16' },
      json: { type: 'boolean', default: false },
    },
  });
  const { root } = loadConfig({});
  const folder = await mkdtemp(join(tmpdir(), 'vamg-scale-'));
  try {
    const note = (text: string): void => void process.stderr.write(`${text}\n`);
    const tools: ScaleTools = { folder, temporal: (await findTemporal(root)).path, ffmpeg: (await findFfmpeg()).ffmpeg, versitygw: await findVersitygw(root), note };
    const { figures, lines } = await measure(tools, values);
    console.log(values.json ? JSON.stringify(figures) : lines.join('\n'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Values {
  readonly what: string;
  readonly hours?: string;
  readonly fps: string;
  readonly 'chunk-frames': string;
  readonly parallel: string;
  readonly videos: string;
  readonly workers: string;
  readonly megabytes: string;
  readonly chunks: string;
  readonly pure: string;
  readonly 'chain-chunks': string;
}

async function measure(tools: ScaleTools, values: Values): Promise<{ figures: unknown; lines: string[] }> {
  const { what } = values;
  if (what === 'video' || what === 'films' || what === 'again') {
    const films = what === 'films';
    const figures = await measureVideos(tools, { hours: numbers(values.hours ?? (what === 'video' ? '1,10,100' : '1')), fps: Number(values.fps), chunkFrames: Number(values['chunk-frames']), parallel: Number(values.parallel), films });
    return { figures, lines: what === 'again' ? againTables(figures) : videoTables(figures) };
  }
  if (what === 'archive') {
    const figures = await measureArchives(tools, numbers(values.videos));
    return { figures, lines: archiveTables(figures) };
  }
  if (what === 'workers') {
    const figures = await measureWorkers(tools, numbers(values.workers));
    return { figures, lines: workersTables(figures) };
  }
  if (what === 'stores') {
    const figures = await measureStores(tools);
    return { figures, lines: storesTables(figures) };
  }
  if (what === 'affinity') {
    const figures = await measureAffinity(tools, Number(values.megabytes));
    return { figures, lines: affinityTables(figures, CHUNK_SECONDS) };
  }
  if (what === 'resolve') {
    const figures = await measureResolve(tools, { read: numbers(values.chunks), pure: numbers(values.pure), chainChunks: Number(values['chain-chunks']) });
    return { figures, lines: resolveTables(figures) };
  }
  throw new Error(`--what is video, films, archive, workers, stores, again, affinity or resolve, not ${what}`);
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
