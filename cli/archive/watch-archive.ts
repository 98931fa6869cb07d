import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentArchiveResult } from '../../contracts/archive-messages';
import type { ArchiveClient } from '../../workers/archive-client';
import type { Output } from '../output/output';
import { archiveLine } from './describe-archive';

const POLL_MS = 1000;
const SILENCE_MS = 15_000;

export interface WatchArchiveOptions {
  readonly out: Output;
  readonly signal: AbortSignal;
  /** Rejects when the run cannot go on: its workers ended. */
  readonly broken?: Promise<never>;
  /** Called once when no worker has answered for a while. */
  readonly onSilence: () => void;
}

/** Say how a run advances, whenever something changed, until it ends. @throws VamgError why it failed; the signal's reason */
export async function watchArchive(archives: ArchiveClient, id: string, { out, signal, broken, onSilence }: WatchArchiveOptions): Promise<SegmentArchiveResult> {
  const over = new AbortController();
  const result = archives.wait(id, AbortSignal.any([signal, over.signal]));
  result.catch(() => undefined);
  const poll = async (): Promise<void> => {
    let said = '';
    let heardAt = Date.now();
    while (!over.signal.aborted) {
      const progress = await archives.progress(id).catch(() => null);
      if (over.signal.aborted) return;
      const workflow = progress?.workflow ?? null;
      const line = workflow === null ? null : archiveLine(workflow);
      if (line !== null) heardAt = Date.now();
      else if (Date.now() - heardAt > SILENCE_MS) {
        onSilence();
        heardAt = Infinity;
      }
      if (line !== null && line !== said) out.note(line);
      said = line ?? said;
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
