// Finds processes that a test run started and did not end. Each inherits an environment variable with the run's own
// value, so they are found however they were started, and nobody else's process is ever touched. Linux only.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export const MARKER = 'VAMG_TEST_RUN';

/** Pids whose environment carries the mark of this run. */
export function findMarked(value) {
  if (process.platform !== 'linux') return [];
  const wanted = `${MARKER}=${value}`;
  const found = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (!fs.readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(wanted)) continue;
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      found.push({ pid: Number(name), command: command.slice(0, 200) });
    } catch {
      // gone meanwhile, or somebody else's
    }
  }
  return found;
}

function signal(processes, name) {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // gone meanwhile
    }
  }
}

/** Waits for what is about to end, ends the rest, and returns what had to be ended. */
export async function endLeftovers(value, { graceMs = 4_000 } = {}) {
  const deadline = Date.now() + graceMs;
  let left = findMarked(value);
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(100);
    left = findMarked(value);
  }
  if (left.length === 0) return [];
  signal(left, 'SIGTERM');
  await sleep(1_500);
  signal(findMarked(value), 'SIGKILL');
  return left;
}
