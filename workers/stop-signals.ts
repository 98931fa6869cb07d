/**
 * Resolves when this process shall end its work: SIGTERM, SIGINT, `signal`, or, in a process forked with an IPC channel, when the
 * parent is gone (also when it was killed and could not say so). Whatever came first, a signal after it ends the process at once.
 */
export function whenToldToStop(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    if (process.connected) process.once('disconnect', stop);
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
