import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Arguments joined by spaces. */
  readonly command: string;
  readonly rssBytes: number;
  /** Processor time in user and kernel mode so far, without that of children. */
  readonly cpuSeconds: number;
  /** That of its children, and theirs, which have ended. */
  readonly endedCpuSeconds: number;
}

/** Ticks of the processor times in /proc; the same on every Linux (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** All processes of this machine that can be seen (Linux: /proc). */
export function listProcesses(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') continue;
      const seconds = (...at: number[]): number => at.reduce((sum, i) => sum + Number(fields[i]), 0) / TICKS_PER_SECOND;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ pid: Number(entry), parent: Number(fields[1]), command, rssBytes: Number(fields[21]) * 4096, cpuSeconds: seconds(11, 12), endedCpuSeconds: seconds(13, 14) });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** The process itself and everything below it. */
export function processTree(root: number): ProcessInfo[] {
  const all = listProcesses();
  const tree = all.filter((one) => one.pid === root);
  for (let i = 0; i < tree.length; i++) tree.push(...all.filter((one) => one.parent === tree[i]!.pid));
  return tree;
}

/** Processes whose environment holds this text: all that a command with its own VAMG_HOME ever started, re-parented ones too. */
export function processesWithEnvironment(text: string): ProcessInfo[] {
  return listProcesses().filter((one) => {
    try {
      return readFileSync(`/proc/${one.pid}/environ`, 'utf8').split('\0').includes(text);
    } catch {
      return false;
    }
  });
}
