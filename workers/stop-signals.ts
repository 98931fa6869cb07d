/**
 * Resolves when this process shall end its work: SIGTERM, SIGINT, `signal`, or, in a process forked with an IPC channel, when the
 * parent is gone (also when it was killed and could not say so).
 */
export function whenToldToStop(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (process.connected) process.once('disconnect', () => resolve());
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
