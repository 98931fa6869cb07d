/** Signals that ask us to end. Hang-up counts: closing the terminal shall leave nothing running. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes Ctrl-C on although the terminal has sent it to us already: that is one press, not two. */
const ONE_PRESS_MS = 700;

export interface StopSignal {
  /** Fires at the first signal. */
  readonly signal: AbortSignal;
  /** Stop listening. */
  dispose(): void;
}

/** The first signal asks for a graceful end, a second one calls `onSecond`, which shall not wait for anything. */
export function listenForStop(onSecond: () => void, now: () => number = Date.now): StopSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      firstAt = now();
      controller.abort(new Error('interrupted'));
    } else if (now() - firstAt > ONE_PRESS_MS) onSecond();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
