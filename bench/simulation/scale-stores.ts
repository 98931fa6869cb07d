import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { head, row } from '../study/markdown';
import { Rig, writeTinyFilm } from './rig';
import { startS3Gateway } from './s3-gateway';
import type { ScaleTools } from './scale-tools';

export interface StoresFigures {
  readonly store: 'file' | 's3';
  readonly wallSeconds: number;
  /** sha256 of every file of the result folder; of result.json without what times and names of a run are in it. */
  readonly files: Readonly<Record<string, string>>;
}

const SECONDS = 600;
const WORK = { frameMs: 2, detectMs: 5 } as const;

/** The same job on a file store and on S3, each on a server and workers of its own. */
export async function measureStores(tools: ScaleTools): Promise<StoresFigures[]> {
  if (tools.versitygw === null) throw new Error('There is no versitygw and no Go to build it.');
  const gateway = await startS3Gateway(tools.versitygw, path.join(tools.folder, 's3'));
  try {
    return [await segmentOn('file', undefined, tools), await segmentOn('s3', gateway.env, tools)];
  } finally {
    await gateway.stop();
  }
}

async function segmentOn(store: StoresFigures['store'], env: NodeJS.ProcessEnv | undefined, { folder, temporal, ffmpeg, note }: ScaleTools): Promise<StoresFigures> {
  const rig = await Rig.start(path.join(folder, `store-${store}`), temporal, env);
  try {
    writeTinyFilm(ffmpeg, rig.path('film.mp4'), { seconds: SECONDS, fps: 2 });
    await rig.startWorker('control,media', 4);
    for (let i = 0; i < 2; i++) await rig.startWorker('inference', 1, WORK);
    const { wallSeconds } = await rig.vamgOrThrow(['segment', 'film.mp4', '--id', 'job', '--out', 'out', '--chunk-frames', '60', '--chain-chunks', '4', '--parallel', '4', '--json']);
    note(`${store} store: ${wallSeconds.toFixed(1)} s`);
    return { store, wallSeconds, files: hashesOf(rig.path('out')) };
  } finally {
    await rig.stop();
  }
}

/** sha256 of each file below a result folder. Timings are not part of what must be the same. */
export function hashesOf(folder: string): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const name of (readdirSync(folder, { recursive: true, withFileTypes: true }))) {
    if (!name.isFile()) continue;
    const file = path.join(name.parentPath, name.name);
    const bytes = name.name === 'result.json' ? JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), timings: null }) : readFileSync(file);
    hashes[path.relative(folder, file)] = createHash('sha256').update(bytes).digest('hex');
  }
  return hashes;
}

/** One line for each file of the result. */
export function storesTables([file, s3]: readonly StoresFigures[]): string[] {
  const names = [...new Set([...Object.keys(file!.files), ...Object.keys(s3!.files)])].sort();
  const same = names.filter((name) => file!.files[name] === s3!.files[name]);
  return [
    ...head(['', 'file store', 'S3 (versitygw)']),
    row('wall time over the file store', '1', (s3!.wallSeconds / file!.wallSeconds).toFixed(2)),
    row('files of the result', Object.keys(file!.files).length, Object.keys(s3!.files).length),
    row('of them with the same bytes', '', `${same.length}${same.length === names.length ? ', all' : `; not ${names.filter((name) => !same.includes(name)).join(', ')}`}`),
  ];
}
