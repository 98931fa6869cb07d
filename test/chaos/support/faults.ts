import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceLine } from '../../../bench/simulation/stand-in';
import type { Cluster } from './cluster';

/** What a test of a fault has found: a row of the table in docs/reliability.md. */
export interface FaultReport {
  /** Its number in that table. */
  readonly fault: number;
  readonly name: string;
  readonly done: string;
  /** Results that were lost or changed. */
  readonly lost: number;
  /** From the fault to the next frame that nobody had done before, by another process where one had to take over; null where the fault has no such moment. */
  readonly recoverySeconds: number | null;
  /** Frames detected or tracked again, and of how many; null where the test does not count them. */
  readonly repeated: { readonly frames: number; readonly distinct: number } | null;
}

/** Where `npm run test:chaos` gathers the reports, as lines of JSON. */
export const REPORT_VARIABLE = 'VAMG_CHAOS_REPORT';

const DOCUMENT = path.join(__dirname, '../../../docs/reliability.md');

/** Seconds that the table of faults allows become this many on a machine that is busy with other work. */
const BUSY = 8;

/** Time limit of a test in milliseconds, from its budget in seconds. */
export function bounded(budgetSeconds: number): number {
  return budgetSeconds * BUSY * 1000;
}

/** Print what was found, and keep it for the table. @throws Error when docs/reliability.md does not have a row for this fault */
export function report(found: FaultReport): void {
  const recovery = found.recoverySeconds === null ? '' : `, went on after ${found.recoverySeconds.toFixed(1)} s`;
  const repeated = found.repeated === null ? '' : `, ${found.repeated.frames} of ${found.repeated.distinct} frames done again`;
  process.stderr.write(`fault ${found.fault}, ${found.name}: ${found.done}; lost: ${found.lost === 0 ? 'nothing' : found.lost}${recovery}${repeated}\n`);
  const file = process.env[REPORT_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(found)}\n`);
  const row = `| ${found.fault} | ${found.name} |`;
  if (!readFileSync(DOCUMENT, 'utf8').includes(row)) throw new Error(`docs/reliability.md has no row that begins with "${row}"`);
}

/** Seconds from a moment until a frame was done that nobody had done before, not by the process `notBy`; waits for it. */
export async function recovery(cluster: Cluster, sinceMs: number, notBy?: number): Promise<number> {
  const name = ({ video, stage, chunk, value }: TraceLine): string => `${video} ${stage} ${chunk} ${value}`;
  for (;;) {
    const frames = cluster.trace.lines().filter(({ event }) => event === 'frame');
    const seen = new Set<string>();
    for (const line of frames) {
      if (line.atMs > sinceMs && line.pid !== notBy && !seen.has(name(line))) return (line.atMs - sinceMs) / 1000;
      seen.add(name(line));
    }
    await sleep(50);
  }
}
