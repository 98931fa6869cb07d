import { readFileSync } from 'node:fs';
import { listProcesses } from '../../../bench/process-tree';

/** Whether memory of other processes can be seen: only Linux has /proc. */
export const canSeeMemory = process.platform === 'linux';

/**
 * Do something and watch the processes below this one whose command line holds `word`.
 * @returns its value or error, how many such processes were seen, and the most memory that one of them ever held, in MB (VmHWM, which
 * the system keeps itself, so that looking a few times is enough)
 */
export async function watchChildren<T>(word: string, work: () => Promise<T>): Promise<{ outcome: PromiseSettledResult<T>; seen: number; peakMegabytes: number }> {
  const pids = new Set<number>();
  let peakMegabytes = 0;
  const look = (): void => {
    for (const { pid } of listProcesses().filter((one) => one.parent === process.pid && one.command.split(' ', 1)[0]!.includes(word))) {
      pids.add(pid);
      peakMegabytes = Math.max(peakMegabytes, peakOf(pid));
    }
  };
  const timer = setInterval(look, 20);
  try {
    const [outcome] = await Promise.allSettled([work()]);
    return { outcome, seen: pids.size, peakMegabytes };
  } finally {
    clearInterval(timer);
  }
}

function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
