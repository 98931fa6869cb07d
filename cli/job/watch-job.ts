import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentVideoResult } from '../../contracts/messages';
import type { JobClient } from '../../workers/job-client';
import type { ProgressView } from '../progress/progress-view';

export interface WatchOptions {
  readonly view: ProgressView;
  readonly signal: AbortSignal;
  /** Rejects when the job cannot go on: its workers ended. */
  readonly broken?: Promise<never>;
  /** Called once when no worker has answered for a while. */
  readonly onSilence?: () => void;
  readonly pollMs?: number;
}

const SILENCE_MS = 15_000;

/** Show how a job advances until it ends. @throws VamgError why it failed; the signal's reason */
export async function watchJob(client: JobClient, id: string, options: WatchOptions): Promise<SegmentVideoResult> {
  const { view, signal, broken, onSilence, pollMs = 1000 } = options;
  const over = new AbortController();
  const anySignal = AbortSignal.any([signal, over.signal]);
  const result = client.wait(id, anySignal);
  result.catch(() => undefined);
  const poll = async (): Promise<void> => {
    let heardAt = Date.now();
    let isSilent = false;
    while (!over.signal.aborted) {
      const progress = await client.progress(id).catch(() => null);
      if (over.signal.aborted) return;
      if (progress !== null && progress.workflow !== null) {
        heardAt = Date.now();
        view.show(progress.workflow, progress.fraction);
      } else if (!isSilent && Date.now() - heardAt > SILENCE_MS) {
        isSilent = true;
        onSilence?.();
      }
      await sleep(pollMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  void poll();
  try {
    return await (broken === undefined ? result : Promise.race([result, broken]));
  } finally {
    over.abort();
    view.end();
  }
}
