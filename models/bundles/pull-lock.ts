import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const REFRESH_MS = 5_000;
const STALE_MS = 30_000;
const POLL_MS = 250;

/**
 * Run `work` while no other process on this machine runs it for the same lock folder. The holder keeps the folder's time
 * fresh; a lock that was left behind by a killed process is renamed away (which only one waiter can do) after 30 s.
 */
export async function withPullLock<T>(lockPath: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(lockPath))) {
    signal?.throwIfAborted();
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
  const refresh = setInterval(() => {
    const now = new Date();
    utimes(lockPath, now, now).catch(() => undefined);
  }, REFRESH_MS);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await rm(lockPath, { recursive: true, force: true });
  }
}

async function tryLock(lockPath: string): Promise<boolean> {
  try {
    await mkdir(lockPath);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const held = await stat(lockPath).catch(() => null);
  if (held && Date.now() - held.mtimeMs > STALE_MS) {
    const aside = `${lockPath}.stale-${randomUUID()}`;
    await rename(lockPath, aside).then(
      () => rm(aside, { recursive: true, force: true }),
      () => undefined,
    );
  }
  return false;
}
