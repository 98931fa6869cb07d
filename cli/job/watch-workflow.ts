import { setTimeout as sleep } from 'node:timers/promises';
import type { LifeSigns } from './ownership';

/** A job or a run as it is watched: P is how far it is, R what it gives at its end. */
export interface Watched<P, R> {
  readonly wait: (signal: AbortSignal) => Promise<R>;
  /** null when no worker answers. */
  readonly progress: () => Promise<P | null>;
  readonly show: (progress: P) => void;
}

const SILENCE_MS = 15_000;
const POLL_MS = 1000;

/** Show how something advances until it ends. @throws VamgError why it failed; the signal's reason */
export async function watchWorkflow<P, R>({ wait, progress, show }: Watched<P, R>, { onSilence, broken }: LifeSigns, signal: AbortSignal): Promise<R> {
  const over = new AbortController();
  const result = wait(AbortSignal.any([signal, over.signal]));
  result.catch(() => undefined);
  const poll = async (): Promise<void> => {
    let heardAt = Date.now();
    let isSilent = false;
    while (!over.signal.aborted) {
      const now = await progress().catch(() => null);
      if (over.signal.aborted) return;
      if (now !== null) {
        heardAt = Date.now();
        show(now);
      } else if (!isSilent && Date.now() - heardAt > SILENCE_MS) {
        isSilent = true;
        onSilence();
      }
      await sleep(POLL_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  void poll();
  try {
    return await (broken === undefined ? result : Promise.race([result, broken]));
  } finally {
    over.abort();
  }
}
