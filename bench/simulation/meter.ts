import { listProcesses, type ProcessInfo } from '../process-tree';
import type { Rig } from './rig';

/** What one kind of process used while something ran. */
export interface Usage {
  /** Highest resident memory of one such process, bytes. */
  peakBytes: number;
  /** Processor time of all of them. */
  cpuSeconds: number;
}

const SAMPLE_MS = 500;
const FFMPEG = 'ffmpeg';

/**
 * Samples the processes of a rig while `work` runs: memory, and processor time between first and last sight. An ffmpeg or ffprobe may come and
 * go between two samples: their time is what the system says of the ended children of workers.
 */
export async function metered<T>(rig: Rig, work: () => Promise<T>): Promise<{ readonly result: T; readonly usage: Readonly<Record<string, Usage>> }> {
  const first = new Map<number, number>();
  const last = new Map<number, { kind: string; cpuSeconds: number }>();
  const ended = new Map<number, { first: number; last: number }>();
  const peak = new Map<string, number>();
  const look = (isStart: boolean): void => {
    for (const [kind, one] of processesOf(rig)) {
      ended.set(one.pid, { first: ended.get(one.pid)?.first ?? (isStart ? one.endedCpuSeconds : 0), last: one.endedCpuSeconds });
      // What began later is counted whole.
      if (!first.has(one.pid)) first.set(one.pid, isStart ? one.cpuSeconds : 0);
      last.set(one.pid, { kind, cpuSeconds: one.cpuSeconds });
      peak.set(kind, Math.max(peak.get(kind) ?? 0, one.rssBytes));
    }
  };
  look(true);
  const timer = setInterval(() => look(false), SAMPLE_MS);
  try {
    const result = await work();
    look(false);
    const usage: Record<string, Usage> = {};
    for (const [pid, { kind, cpuSeconds }] of last) {
      const sum = (usage[kind] ??= { peakBytes: peak.get(kind)!, cpuSeconds: 0 });
      if (kind !== FFMPEG) sum.cpuSeconds += cpuSeconds - first.get(pid)!;
    }
    const ofEnded = [...ended.values()].reduce((sum, one) => sum + one.last - one.first, 0);
    if (ofEnded > 0) (usage[FFMPEG] ??= { peakBytes: 0, cpuSeconds: 0 }).cpuSeconds = ofEnded;
    return { result, usage };
  } finally {
    clearInterval(timer);
  }
}

/** Each process of the rig with its kind; those below a worker are its inference processes and ffmpegs. */
function* processesOf(rig: Rig): Generator<[string, ProcessInfo]> {
  const roots = new Map<number, string>([[rig.server.serverPid, 'Temporal server']]);
  for (const { child, kind } of rig.workers) roots.set(child.pid!, kind);
  if (rig.command?.pid !== undefined) roots.set(rig.command.pid, 'command');
  const all = listProcesses();
  for (const one of all) {
    const kind = roots.get(one.pid);
    if (kind !== undefined) yield [kind, one];
    else if (roots.has(one.parent)) yield [one.command.includes('stand-in-process') ? 'stand-in process' : FFMPEG, one];
  }
}
