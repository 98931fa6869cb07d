import { appendFileSync } from 'node:fs';
import type { Cluster } from './cluster';

/** What a test of a fault has found: a row of the table in docs/reliability.md. */
export interface FaultReport {
  /** Its number in that table. */
  readonly fault: number;
  readonly name: string;
  readonly done: string;
  /** Results that were lost or changed. */
  readonly lost: number;
  /** From the fault, or its end where nothing could go on before, to the next frame that nobody had done before; null where the fault has no such moment. */
  readonly recoverySeconds: number | null;
  /** Frames detected or tracked again, and of how many; null where the test does not count them. */
  readonly repeated: { readonly frames: number; readonly distinct: number } | null;
}

/** Where `npm run test:chaos` gathers the reports, as lines of JSON. */
export const REPORT_VARIABLE = 'VAMG_CHAOS_REPORT';

/** Seconds that the table of faults allows become this many on a machine that is busy with other work. */
const BUSY = 5;

/** Time limit of a test in milliseconds, from its budget in seconds. */
export function bounded(budgetSeconds: number): number {
  return budgetSeconds * BUSY * 1000;
}

/** Print what was found, and keep it for the table. */
export function report(found: FaultReport): void {
  const recovery = found.recoverySeconds === null ? '' : `, went on after ${found.recoverySeconds.toFixed(1)} s`;
  const repeated = found.repeated === null ? '' : `, ${found.repeated.frames} of ${found.repeated.distinct} frames done again`;
  process.stderr.write(`fault ${found.fault}, ${found.name}: ${found.done}; lost: ${found.lost === 0 ? 'nothing' : found.lost}${recovery}${repeated}\n`);
  const file = process.env[REPORT_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(found)}\n`);
}

/** Seconds from a moment until a frame was done that nobody had done before; waits for it. */
export async function recovery(cluster: Cluster, sinceMs: number): Promise<number> {
  const name = ({ video, stage, chunk, value }: ReturnType<Cluster['trace']['lines']>[number]): string => `${video} ${stage} ${chunk} ${value}`;
  for (;;) {
    const frames = cluster.trace.lines().filter(({ event }) => event === 'frame');
    const before = new Set(frames.filter(({ atMs }) => atMs <= sinceMs).map(name));
    const next = frames.find((line) => line.atMs > sinceMs && !before.has(name(line)));
    if (next !== undefined) return (next.atMs - sinceMs) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
