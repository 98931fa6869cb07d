/**
 * How much of the time does no network run, and does memory stay flat? Runs `vamg segment` on one worker over a film
 * and over the same film five times as long, each in a home of its own, and samples the memory of every process. Linux only.
 *
 *   npm run bench:overhead [-- --film FILE] [--short-times 1] [--times 5] [--frame-step 1] [--chunk-frames 72] [--preset draft] [--json]
 *
 * The short film is the film (by default the demo film) --short-times in a row, the long one --times the short one: --short-times 20 --times 30 --frame-step 30 is
 * a film of one minute against one of thirty, of which a picture a second is processed.
 *
 * With --hosts, instead: the long film in chunks that do not wait for each other, on one inference process that has all cores, and on
 * several that share them.
 *
 *   npm run bench:overhead -- --hosts 1,2 [--film FILE] [--preset draft] [--times 2]
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { findFfmpeg } from '../adapters/ffmpeg/ffmpeg-binary';
import { hashFile } from '../adapters/store/hash-file';
import { writeDemoFilm } from '../cli/demo/demo-film';
import { loadConfig } from '../workers/config';
import { processTree, type ProcessInfo } from './process-tree';
import { head, row } from './study/markdown';
import { readNetworkTime, type NetworkTime } from './study/network-time';

interface Measured {
  readonly frames: number;
  readonly wallSeconds: number;
  readonly inferenceSeconds: number;
  readonly networks: NetworkTime;
  /** Highest resident memory of the largest process of each kind, and of all processes together at one time, bytes. */
  readonly peakBytes: Record<string, number>;
}

const SAMPLE_MS = 500;
const TOGETHER = 'together';
const KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/inference-process/, 'inference process'],
  [/start-dev/, 'Temporal server'],
  [/supervisor/, 'server supervisor'],
  [/embedded-process.*inference/, 'inference worker'],
  [/embedded-process/, 'workers'],
  [/ffmpeg|ffprobe/, 'ffmpeg'],
  [/cli\/main/, 'command'],
];

function kindOf(one: ProcessInfo): string {
  return KINDS.find(([pattern]) => pattern.test(one.command))?.[1] ?? 'other';
}

async function measure(film: string, preset: string, folder: string, name: string, more: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Measured> {
  const out = join(folder, name);
  const args = [join(__dirname, '../cli/main.js'), 'segment', film, '--preset', preset, '--out', out, '--json', ...more];
  const runs = join(folder, `${name}.runs`);
  await mkdir(runs);
  const noting = { NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'study/note-network-runs.js'))}`, VAMG_BENCH_RUNS: runs };
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { env: { ...process.env, ...noting, ...env, VAMG_HOME: join(folder, `${name}.home`), TEMPORAL_ADDRESS: '' }, stdio: ['ignore', 'ignore', 'inherit'] });
  const peakBytes: Record<string, number> = {};
  const timer = setInterval(() => {
    const processes = processTree(child.pid!);
    const now: Record<string, number> = { [TOGETHER]: processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0) };
    for (const one of processes) now[kindOf(one)] = Math.max(now[kindOf(one)] ?? 0, one.rssBytes);
    for (const [kind, bytes] of Object.entries(now)) peakBytes[kind] = Math.max(peakBytes[kind] ?? 0, bytes);
  }, SAMPLE_MS);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  const wallSeconds = (performance.now() - startedAt) / 1000;
  clearInterval(timer);
  if (code !== 0) throw new Error(`vamg segment ended with ${code}`);
  const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8')) as { timings: { inferenceSeconds: number }; counts: { processedFrames: number } };
  return { frames: result.counts.processedFrames, wallSeconds, inferenceSeconds: result.timings.inferenceSeconds, networks: await readNetworkTime(runs), peakBytes };
}

/** The same film on one inference process after the other, and on several at once. */
async function measureHosts(film: string, preset: string, folder: string, counts: readonly number[], more: readonly string[]): Promise<void> {
  const { root } = loadConfig();
  const config = parse(await readFile(join(root, 'temporal.yaml'), 'utf8')) as { workers: { inference: Record<string, unknown> } };
  for (const line of head(['inference processes', 'threads each', 'frames', 'wall s', 'over that of the first', 'masks.jsonl'])) console.log(line);
  let first: { wall: number; masks: string } | undefined;
  for (const slots of counts) {
    const threads = Math.max(1, Math.floor(availableParallelism() / slots));
    const file = join(folder, `config-${slots}.yaml`);
    await writeFile(file, stringify({ ...config, workers: { ...config.workers, inference: { ...config.workers.inference, slots, threads: slots === 1 ? null : threads } } }));
    const name = `hosts-${slots}`;
    const run = await measure(film, preset, folder, name, [...more, '--chain-chunks', '1', '--parallel', String(slots)], { VAMG_CONFIG: file });
    const { sha256: masks } = await hashFile(join(folder, name, 'masks.jsonl'));
    first ??= { wall: run.wallSeconds, masks };
    console.log(row(slots, threads, run.frames, run.wallSeconds.toFixed(1), (run.wallSeconds / first.wall).toFixed(2), masks === first.masks ? 'the same' : 'others'));
  }
}

function print(short: Measured, long: Measured): void {
  for (const line of head(['run', 'frames', 'wall s', 'inference s', 'wall / inference', 'a network ran s', 'first to last network / that', 'wall / that'])) console.log(line);
  for (const [name, run] of [['short', short], ['long', long]] as const) {
    const ratio = run.wallSeconds / run.inferenceSeconds;
    const { spanSeconds, busySeconds } = run.networks;
    console.log(row(name, run.frames, run.wallSeconds.toFixed(1), run.inferenceSeconds.toFixed(1), ratio.toFixed(2), busySeconds.toFixed(1), (spanSeconds / busySeconds).toFixed(3), (run.wallSeconds / busySeconds).toFixed(3)));
  }
  for (const line of ['', ...head(['process', 'peak MB, short', 'peak MB, long', 'long / short'])]) console.log(line);
  const kinds = Object.keys(long.peakBytes).filter((kind) => kind !== TOGETHER).sort();
  for (const kind of [...kinds, TOGETHER]) {
    const [a, b] = [(short.peakBytes[kind] ?? 0) / 1e6, long.peakBytes[kind]! / 1e6];
    console.log(row(kind, a.toFixed(0), b.toFixed(0), a > 0 ? (b / a).toFixed(2) : '–'));
  }
}

async function repeatFilm(film: string, times: number, target: string): Promise<void> {
  const { ffmpeg } = await findFfmpeg();
  await promisify(execFile)(ffmpeg, ['-v', 'error', '-stream_loop', String(times - 1), '-i', film, '-c', 'copy', target]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { film: { type: 'string' }, preset: { type: 'string', default: 'draft' }, 'short-times': { type: 'string', default: '1' }, times: { type: 'string', default: '5' }, 'frame-step': { type: 'string', default: '1' }, 'chunk-frames': { type: 'string', default: '72' }, hosts: { type: 'string' }, json: { type: 'boolean', default: false } } });
  const folder = await mkdtemp(join(tmpdir(), 'vamg-bench-'));
  try {
    const film = values.film === undefined ? join(folder, 'film.mp4') : resolve(values.film);
    if (values.film === undefined) await writeDemoFilm(film);
    const [shortFilm, longFilm] = [join(folder, 'short.mp4'), join(folder, 'long.mp4')];
    await repeatFilm(film, Number(values['short-times']), shortFilm);
    await repeatFilm(film, Number(values['short-times']) * Number(values.times), longFilm);
    const step = ['--frame-step', values['frame-step'], '--chunk-frames', values['chunk-frames']];
    if (values.hosts !== undefined) return await measureHosts(longFilm, values.preset, folder, values.hosts.split(',').map(Number), step);
    const short = await measure(shortFilm, values.preset, folder, 'short', step);
    const long = await measure(longFilm, values.preset, folder, 'long', step);
    if (values.json) console.log(JSON.stringify({ short, long }));
    else print(short, long);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
