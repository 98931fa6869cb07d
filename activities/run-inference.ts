import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { Summary } from '../contracts/artefact-manifest';
import { VamgError } from '../contracts/errors';
import type { InferenceHost, InferenceJob, InferenceProgress, InferenceResume, InferenceResult } from '../contracts/inference';
import { Checkpoints } from '../adapters/store/checkpoints';
import { LineWriter } from '../adapters/store/json-lines';
import { startHeartbeat, type Heartbeat } from './heartbeat';
import type { InferenceDependencies } from './dependencies';

export interface InferenceStage {
  readonly stage: 'detect' | 'track';
  readonly key: string;
  readonly chunk: number;
  readonly total: number;
  /** First and last frame of the chunk, decode indices. */
  readonly frames: { readonly firstFrame: number; readonly lastFrame: number };
  /** Scratch folder of this attempt. */
  readonly folder: string;
  readonly buildJob: (resume: InferenceResume | null) => Promise<InferenceJob>;
}

/** Waiting for a host that was told to stop; after it the attempt ends without the host. */
const STOP_GRACE_MS = 20_000;

export interface InferenceOutput {
  readonly file: string;
  readonly summary: Summary;
  /** The one that came with the last lines; null when there was none. */
  readonly lastCheckpoint: Uint8Array | null;
}

/** Run a job in the inference process from its last checkpoint on, and write the finished artefact into the scratch folder. */
export async function runInference(deps: InferenceDependencies, stage: InferenceStage): Promise<InferenceOutput> {
  const checkpoints = new Checkpoints(deps.artefacts.objects, stage.key);
  const resume = await checkpoints.resume();
  const linesDone = resume?.linesDone ?? 0;
  await checkpoints.startAttempt(linesDone);
  const beat = startHeartbeat({ stage: stage.stage, chunk: stage.chunk, done: linesDone, total: stage.total, objects: 0, inferenceMs: 0, ...stage.frames }, deps.stallSeconds);
  let storing: Promise<void> = Promise.resolve();
  try {
    const pending: string[] = [];
    let lastCheckpoint = resume?.checkpoint ?? null;
    const result = await runUntilStopped(deps.host, await stage.buildJob(resume), beat, async (lines, checkpoint, done) => {
      pending.push(...lines);
      if (checkpoint === null) return;
      lastCheckpoint = checkpoint;
      // The artefact itself comes next.
      if (done === stage.total) return;
      await (storing = checkpoints.append(pending, checkpoint));
      pending.length = 0;
    });
    beat.report({ inferenceMs: Math.round(result.inferenceMs) });
    return { ...(await writeArtefact(stage, checkpoints, pending, result)), lastCheckpoint };
  } catch (error) {
    // An attempt that has ended writes nothing any more.
    await storing.catch(() => undefined);
    if (saysNothingAboutTheVideo(error, beat)) await checkpoints.forgiveAttempt().catch(() => undefined);
    throw error;
  } finally {
    beat.stop();
  }
}

async function runUntilStopped(
  host: InferenceHost,
  job: InferenceJob,
  beat: Heartbeat,
  keep: (lines: readonly string[], checkpoint: Uint8Array | null, done: number) => Promise<void>,
): Promise<InferenceResult> {
  const { log } = Context.current();
  // Frames that are seen run ahead of those whose lines are final.
  let furthest = 0;
  const reach = (done: number): number => (furthest = Math.max(furthest, done));
  const handlers = {
    onLines: async (lines: readonly string[], checkpoint: Uint8Array | null, done: number): Promise<void> => {
      beat.signal.throwIfAborted();
      await keep(lines, checkpoint, done);
      beat.report({ done: reach(done) });
    },
    onProgress: ({ done, objects, inferenceMs }: InferenceProgress): void => beat.report({ done: reach(done), objects, inferenceMs: Math.round(inferenceMs) }),
    onLog: (level: 'info' | 'warn', message: string): void => log[level](message, { source: 'inference process' }),
  };
  const running = host.runJob(job, handlers, beat.signal);
  running.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    onAbort = () => void (timer = setTimeout(() => reject(beat.signal.reason as Error), STOP_GRACE_MS));
    if (beat.signal.aborted) onAbort();
    else beat.signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([running, stopped]);
  } finally {
    clearTimeout(timer);
    beat.signal.removeEventListener('abort', onAbort);
  }
}

/** The lines of all checkpoints and those since, compressed as one stream: the same bytes however often it was interrupted. */
async function writeArtefact(stage: InferenceStage, checkpoints: Checkpoints, pending: readonly string[], result: InferenceResult): Promise<Omit<InferenceOutput, 'lastCheckpoint'>> {
  const file = path.join(stage.folder, `${stage.stage}.gz`);
  const writer = new LineWriter(file);
  for await (const line of checkpoints.lines()) await writer.write(line);
  for (const line of pending) await writer.write(line);
  if (writer.lines !== stage.total) throw new VamgError('InferenceFailed', `The inference process delivered ${writer.lines} of ${stage.total} frames.`);
  if (result.trailer !== undefined) await writer.write(JSON.stringify(result.trailer));
  await writer.close();
  return { file, summary: { lines: stage.total, inferenceMs: Math.round(result.inferenceMs) } };
}

/** Cancellation, shutdown, a full disk and a wrong option are not the video's fault; hangs and crashes may be. */
function saysNothingAboutTheVideo(error: unknown, beat: Heartbeat): boolean {
  const context = Context.current();
  const cancellation = context.cancellationSignal.aborted ? context.cancellationDetails : undefined;
  if (cancellation?.timedOut === true || cancellation?.notFound === true) return false;
  if (context.cancellationSignal.aborted) return true;
  if (beat.signal.aborted) return false;
  return error instanceof VamgError && !['InferenceFailed', 'PoisonChunk', 'Internal'].includes(error.failure);
}
