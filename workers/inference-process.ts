/**
 * The inference process: a child of an inference worker that holds the ONNX sessions, reads frames and runs one job at a time.
 * It ends when its parent goes away. Composition root of the inference side.
 */
import { isFailureName, VamgError } from '../contracts/errors';
import type { InferenceJob, InferenceProgress } from '../contracts/inference';
import { SETTINGS_VARIABLE, type HostMessage, type InferenceProcessSettings, type ProcessMessage } from '../models/runtime/inference-protocol';
import { runDetectJob } from './inference-jobs/detect-job';
import type { JobContext } from './inference-jobs/job-context';
import { createNetworkCache } from './inference-jobs/network-cache';
import { runTrackJob } from './inference-jobs/track-job';

const PROGRESS_INTERVAL_MS = 500;

const settings = JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{"threads":null,"memoryLimitBytes":null}') as InferenceProcessSettings;

function send(message: ProcessMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

const cache = createNetworkCache({ threads: settings.threads, log: (level, message) => send({ type: 'log', level, message }) });

/** The job that runs, with the lines that wait to be stored. */
let current: { id: number; abort: AbortController; stored: Map<number, () => void> } | null = null;

async function runJob(id: number, job: InferenceJob): Promise<void> {
  const abort = new AbortController();
  const stored = new Map<number, () => void>();
  current = { id, abort, stored };
  let seq = 0;
  let lastProgressAt = 0;
  const context: JobContext = {
    signal: abort.signal,
    emit: (lines, checkpoint, done) =>
      new Promise<void>((resolve, reject) => {
        const number = seq++;
        const onAbort = (): void => reject(abort.signal.reason as Error);
        abort.signal.addEventListener('abort', onAbort, { once: true });
        stored.set(number, () => {
          abort.signal.removeEventListener('abort', onAbort);
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
    log: (level, message) => send({ type: 'log', level, message }),
  };
  try {
    const networks = await cache.get(job);
    const before = networks.inferenceMs();
    const trailer = job.kind === 'detect' ? await runDetectJob(job, networks.segmenter, context) : await runTrackJob(job, networks, context);
    send({ type: 'done', id, trailer, inferenceMs: networks.inferenceMs() - before });
  } catch (error) {
    if (abort.signal.aborted) return send({ type: 'aborted', id });
    const failure = error instanceof VamgError && isFailureName(error.failure) ? error.failure : 'Internal';
    const text = error instanceof Error ? error.message : String(error);
    if (failure === 'Internal') context.log('warn', error instanceof Error ? (error.stack ?? text) : text);
    send({ type: 'failed', id, failure, message: text });
  } finally {
    current = null;
  }
}

process.on('message', (message: HostMessage) => {
  if (message.type === 'run') void runJob(message.id, message.job);
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
