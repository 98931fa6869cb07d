import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkRun } from '../../models/runtime/network-runs';

/** From the beginning of the first run to the end of the last, and how much of that time a network ran, or several at once. */
export interface NetworkTime {
  readonly spanSeconds: number;
  readonly busySeconds: number;
}

/** What note-network-runs wrote into a folder. */
export async function readNetworkTime(folder: string): Promise<NetworkTime> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return networkTime(files.flatMap((text) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as NetworkRun]))));
}

/** @param runs of all threads, in any order; at least one */
export function networkTime(runs: readonly NetworkRun[]): NetworkTime {
  const sorted = [...runs].sort((a, b) => a.startedAt - b.startedAt);
  const first = sorted[0];
  if (!first) throw new Error('No network ran.');
  let [busy, until] = [0, first.startedAt];
  for (const { startedAt, endedAt } of sorted) {
    busy += Math.max(0, endedAt - Math.max(until, startedAt));
    until = Math.max(until, endedAt);
  }
  return { spanSeconds: (until - first.startedAt) / 1000, busySeconds: busy / 1000 };
}
