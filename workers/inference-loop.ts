import { isFailureName, VamgError } from '../contracts/errors';
import type { InferenceJob, InferenceProgress, InferenceResult } from '../contracts/inference';
import type { HostMessage, ProcessMessage } from '../models/runtime/inference-protocol';
import type { JobContext } from './inference-jobs/job-context';

export type RunJob = (job: InferenceJob, context: JobContext) => Promise<InferenceResult>;

const PROGRESS_INTERVAL_MS = 500;

/** The job that runs, with the lines that wait to be stored. */
let current: { id: number; abort: AbortController; stored: Map<number, () => void> } | null = null;

function send(message: ProcessMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

const log: JobContext['log'] = (level, message) => send({ type: 'log', level, message });

/**
 * Be an inference process: take jobs from the parent, one at a time, and answer in the protocol of models/runtime. Ends the
 * process when the parent goes away. @param create told where log lines go; gives what does a job
 */
export function serveInferenceJobs(create: (log: JobContext['log']) => RunJob): void {
  const run = create(log);
  process.on('message', (message: HostMessage) => {
    if (message.type === 'run') void serve(run, message.id, message.job);
    else if (current?.id !== message.id) return;
    else if (message.type === 'cancel') current.abort.abort(new VamgError('Cancelled', 'The job was cancelled.'));
    else {
      current.stored.get(message.seq)?.();
      current.stored.delete(message.seq);
    }
  });
  process.on('disconnect', () => process.exit(0));
  // A terminal's Ctrl-C reaches the whole process group: the worker decides when this process ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  send({ type: 'ready' });
}

async function serve(run: RunJob, id: number, job: InferenceJob): Promise<void> {
  const abort = new AbortController();
  const stored = new Map<number, () => void>();
  current = { id, abort, stored };
  try {
    const { trailer, inferenceMs } = await run(job, createJobContext(id, abort.signal, stored));
    send({ type: 'done', id, trailer, inferenceMs });
  } catch (error) {
    if (abort.signal.aborted) return send({ type: 'aborted', id });
    const failure = error instanceof VamgError && isFailureName(error.failure) ? error.failure : 'Internal';
    const text = error instanceof Error ? error.message : String(error);
    if (failure === 'Internal') log('warn', error instanceof Error ? (error.stack ?? text) : text);
    send({ type: 'failed', id, failure, message: text });
  } finally {
    current = null;
  }
}

function createJobContext(id: number, signal: AbortSignal, stored: Map<number, () => void>): JobContext {
  let seq = 0;
  let lastProgressAt = 0;
  return {
    signal,
    emit: (lines, checkpoint, done) =>
      new Promise<void>((resolve, reject) => {
        const number = seq++;
        const onAbort = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { once: true });
        stored.set(number, () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
        send({ type: 'lines', id, seq: number, lines, checkpoint, done });
      }),
    progress: (progress: InferenceProgress) => {
      const now = Date.now();
      if (now - lastProgressAt < PROGRESS_INTERVAL_MS) return;
      lastProgressAt = now;
      send({ type: 'progress', id, progress, rssBytes: process.memoryUsage.rss() });
    },
    log,
  };
}
