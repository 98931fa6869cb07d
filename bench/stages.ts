/**
 * What each stage of a video costs per frame, and how close the networks come to what the processor can do: runs the stages one after the
 * other in this process (the product runs them side by side), counts the floating-point operations of every run of a network, and measures
 * the machine with one large matrix product. Prints markdown.
 *
 *   npm run bench:stages -- [--film FILE] [--preset draft] [--max-objects 15] [--frames 60] [--bundle DIR] [--threads 0]
 *
 * Threads are those of the networks; 0 is all cores. Without a film the demo film is made.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDemoFilm } from '../cli/demo/demo-film';
import { resolveSegmentOptions } from '../contracts/segment-options';
import { bundleFilePath, type ResolvedBundle } from '../models/bundles';
import { countWork, type GraphWork } from './study/graph-work';
import type { RoleRuns } from './study/graph-runs';
import { measureCopy, measurePeak } from './study/machine-peak';
import { head, row } from './study/markdown';
import { presetOf } from './study/open-bench';
import { runStages, type StageTimes } from './study/run-stages';
import { openStudyBundle } from './study/study-bundle';

const PEAK_SECONDS = 3;

async function printMachine(threads: number): Promise<number> {
  const counts = [...new Set([1, threads])];
  const peaks = await measurePeak(counts, PEAK_SECONDS);
  const reached = counts.map((count, i) => `${peaks[i]!.toFixed(0)} GFLOP/s with ${count} ${count === 1 ? 'thread' : 'threads'}`).join(', ');
  console.log(`${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'unknown make'}. One large float32 matrix product: ${reached}. Copying memory: ${measureCopy().toFixed(1)} GB/s.\n`);
  return peaks.at(-1)!;
}

/** Prints a row for each graph. Gives the operations of all, billions per frame. */
async function printNetworks(bundle: ResolvedBundle, roles: readonly RoleRuns[], frames: number, peak: number): Promise<number> {
  for (const line of head(['network', 'runs a frame', 'ms a frame', 'GFLOP a frame', 'GFLOP/s', "of the machine's", 'of its time in products'])) console.log(line);
  let all = 0;
  for (const { role, count, milliseconds, bySizes } of roles) {
    const sized = [...bySizes.values()];
    const works: GraphWork[] = [];
    for (const { inputSizes } of sized) works.push(await countWork(bundleFilePath(bundle, role), inputSizes));
    const operations = works.reduce((sum, work, i) => sum + work.operations * sized[i]!.count, 0) / 1e9;
    const share = works.reduce((sum, work, i) => sum + work.productShare * sized[i]!.count, 0) / count;
    const pace = operations / (milliseconds / 1000);
    console.log(row(role, (count / frames).toFixed(2), (milliseconds / frames).toFixed(1), (operations / frames).toFixed(2), pace.toFixed(0), percent(pace / peak), percent(share)));
    all += operations / frames;
  }
  return all;
}

function printStages(stages: StageTimes, frames: number): number {
  const total = stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  for (const line of ['', ...head(['stage', 'ms a frame', 'share'])]) console.log(line);
  for (const { stage, milliseconds } of stages) console.log(row(stage, (milliseconds / frames).toFixed(2), percent(milliseconds / total)));
  console.log(row('all, one after the other', (total / frames).toFixed(1), '100 %'));
  return total / frames;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      film: { type: 'string' },
      preset: { type: 'string', default: 'draft' },
      'max-objects': { type: 'string', default: '15' },
      frames: { type: 'string', default: '60' },
      bundle: { type: 'string' },
      threads: { type: 'string', default: '0' },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'vamg-bench-'));
  try {
    const film = values.film === undefined ? join(folder, 'film.mp4') : resolve(values.film);
    if (values.film === undefined) await writeDemoFilm(film);
    const bundle = await openStudyBundle(values.bundle);
    const options = resolveSegmentOptions({ preset: presetOf(values.preset), tracking: { maxObjects: Number(values['max-objects']) } });
    const threads = Number(values.threads) || availableParallelism();
    const peak = await printMachine(threads);
    const { stages, roles, frames, objects, rleMilliseconds } = await runStages({ film, bundle, options, frames: Number(values.frames), threads, folder });
    console.log(`${frames} frames at ${options.inputSize} pixels, ${objects.toFixed(1)} masks a frame, ${threads} threads.\n`);
    const operations = await printNetworks(bundle, roles, frames, peak);
    const total = printStages(stages, frames);
    const inside = roles.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / frames;
    console.log(`\nProducts of ${operations.toFixed(1)} GFLOP a frame take ${((1000 * operations) / peak).toFixed(0)} ms at the pace of the large product; the networks took ${inside.toFixed(0)} ms, all stages ${total.toFixed(0)} ms. A mask of the result from its bitmap to RLE: ${rleMilliseconds.toFixed(2)} ms.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
