/**
 * What a device is worth: milliseconds per call of every graph of a bundle on the CPU and on the device, by batch size, and how far
 * the outputs are apart (largest difference; length of the difference over the length of the CPU's output). Inputs travel to the
 * device and outputs back in each call, as in the program. `first` is the device's first call with inputs of a size. Prints markdown.
 *
 *   npm run bench:device -- --device cuda [--bundle DIR] [--preset balanced] [--threads 0,2] [--prompts 1,8,64] [--objects 1,8,20] [--seconds 1]
 *
 * Threads are the CPU's, one column each; 0 is all cores. With `--device cpu` only the CPU's columns are printed.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { PRESETS } from '../contracts/presets';
import { bundleFilePath, type ResolvedBundle } from '../models/bundles';
import { runCutieGraphs } from './study/cutie-graph-cases';
import { runDeaotGraphs } from './study/deaot-graph-cases';
import type { CaseSizes, EarlierOutputs, GraphCase, RunFamily } from './study/graph-case';
import { head, row } from './study/markdown';
import { presetOf } from './study/open-bench';
import { runSamGraphs } from './study/sam-graph-cases';
import { runSam2Graphs } from './study/sam2-graph-cases';
import { openStudyBundle } from './study/study-bundle';
import { distance, timeGraph, type Timing } from './study/time-graph';
import { runXmemGraphs } from './study/xmem-graph-cases';

interface Bench {
  readonly bundle: ResolvedBundle;
  /** Undefined for the CPU alone. */
  readonly device: string | undefined;
  readonly threads: readonly number[];
  readonly seconds: number;
}

/** Times the cases of one role everywhere and prints a row for each. Gives the CPU's outputs of the last case. */
async function runRole(cases: readonly GraphCase[], { bundle, device, threads, seconds }: Bench): Promise<EarlierOutputs> {
  const path = bundleFilePath(bundle, cases[0]!.role);
  const onCpu: Timing[][] = [];
  for (const count of threads) onCpu.push(await timeGraph(path, cases, { device: 'cpu', intraOpThreads: count }, seconds));
  const onDevice = device === undefined ? [] : await timeGraph(path, cases, { device }, seconds);
  for (const [i, { role, batch }] of cases.entries()) {
    const cells: string[] = onCpu.map((timings) => timings[i]!.ms.toFixed(1));
    const timing = onDevice[i];
    if (timing) {
      const { largest, relative } = distance(onCpu[0]![i]!.outputs, timing.outputs);
      cells.push(timing.ms.toFixed(1), timing.firstMs.toFixed(0), ...onCpu.map((timings) => (timings[i]!.ms / timing.ms).toFixed(1)), largest.toExponential(1), relative.toExponential(1));
    }
    console.log(row(role, batch, ...cells));
  }
  return onCpu[0]!.at(-1)!.outputs;
}

const FAMILIES: Readonly<Record<string, RunFamily>> = { sam: runSamGraphs, sam2: runSam2Graphs, cutie: runCutieGraphs, xmem: runXmemGraphs, deaot: runDeaotGraphs };

async function runAll(sizes: CaseSizes, bench: Bench): Promise<void> {
  const { bundle, device, threads } = bench;
  const runGraphs = FAMILIES[bundle.manifest.family];
  if (!runGraphs) throw new Error(`graphs of the family ${bundle.manifest.family} are not known here`);
  const cpu = threads.map((count) => `cpu, ${count === 0 ? 'all' : count} threads`);
  const columns = ['graph', 'batch', ...cpu, ...(device === undefined ? [] : [device, 'first', ...cpu.map((name) => `${name} / ${device}`), 'largest difference', 'relative'])];
  for (const line of head(columns)) console.log(line);
  await runGraphs(bundle, sizes, (cases) => runRole(cases, bench));
}

const numbers = (list: string): number[] => list.split(',').map(Number);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bundle: { type: 'string' },
      device: { type: 'string', default: 'cpu' },
      preset: { type: 'string', default: 'balanced' },
      threads: { type: 'string', default: '0,2' },
      prompts: { type: 'string', default: '1,8,64' },
      objects: { type: 'string', default: '1,8,20' },
      frames: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '1' },
    },
  });
  const sizes = { inputSize: PRESETS[presetOf(values.preset)].inputSize, prompts: numbers(values.prompts), objects: numbers(values.objects), frames: Number(values.frames) };
  const bundle = await openStudyBundle(values.bundle);
  console.log(`Milliseconds per call at ${sizes.inputSize} pixels; ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'unknown make'}.\n`);
  await runAll(sizes, { bundle, device: values.device === 'cpu' ? undefined : values.device, threads: numbers(values.threads), seconds: Number(values.seconds) });
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
