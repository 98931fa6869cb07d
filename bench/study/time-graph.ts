import { OrtSession, takeOutput, type GraphTensors, type OrtOptions } from '../../models/runtime/ort-session';
import type { GraphCase } from './graph-case';

export interface Timing {
  /** The first call with inputs of this size: a GPU's libraries choose their kernels in it. */
  readonly firstMs: number;
  /** Median of the calls after the second. */
  readonly ms: number;
  readonly outputs: GraphTensors;
}

const MIN_CALLS = 3;
const MAX_CALLS = 50;

/** Loads a graph, calls it with each case's inputs for about `seconds`, and frees it. Inputs and outputs are in this process' memory, as in the program. */
export async function timeGraph(path: string, cases: readonly GraphCase[], options: OrtOptions, seconds: number): Promise<Timing[]> {
  const session = await OrtSession.open(path, cases[0]!.role, options);
  try {
    const timings: Timing[] = [];
    for (const { feeds } of cases) timings.push(await timeCase(session, feeds, seconds));
    return timings;
  } finally {
    await session.dispose();
  }
}

async function timeCase(session: OrtSession, feeds: GraphCase['feeds'], seconds: number): Promise<Timing> {
  const call = async (): Promise<{ ms: number; outputs: Timing['outputs'] }> => {
    const startedAt = performance.now();
    const outputs = await session.run(feeds);
    return { ms: performance.now() - startedAt, outputs };
  };
  const { ms: firstMs } = await call();
  await call();
  const endsAt = performance.now() + 1000 * seconds;
  const times: number[] = [];
  for (;;) {
    const { ms, outputs } = await call();
    times.push(ms);
    if (times.length >= MAX_CALLS || (times.length >= MIN_CALLS && performance.now() >= endsAt))
      return { firstMs, ms: times.sort((a, b) => a - b)[times.length >> 1]!, outputs };
  }
}

export interface Distance {
  /** Largest difference of any two values. */
  readonly largest: number;
  /** Length of the difference over the length of the reference; NaN when any value is no number. */
  readonly relative: number;
}

/** How far outputs are from a reference's. @throws Error when an output is missing or has another size */
export function distance(reference: Timing['outputs'], outputs: Timing['outputs']): Distance {
  let [largest, error, length] = [0, 0, 0];
  for (const name of Object.keys(reference)) {
    const { data } = takeOutput(reference, name);
    const other = name in outputs ? takeOutput(outputs, name).data : undefined;
    if (other?.length !== data.length) throw new Error(`output ${name} is missing or has another size`);
    for (let i = 0; i < data.length; i++) {
      const difference = other[i]! - data[i]!;
      largest = Math.max(largest, Math.abs(difference));
      error += difference ** 2;
      length += data[i]! ** 2;
    }
  }
  return { largest, relative: Math.sqrt(error / length) };
}
