/**
 * An inference process without networks, for tests of faults and of scale: it reads the same jobs, speaks the same protocol, decodes
 * the same frames and stores the same kinds of checkpoints, but its objects are drawn boxes and its work is waiting. Never part of
 * the product: only bench/simulation/worker.ts starts it.
 */
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFrames } from '../../adapters/ffmpeg/frame-reader';
import type { DetectJob, InferenceJob, TrackJob } from '../../contracts/inference';
import type { JobContext } from '../../workers/inference-jobs/job-context';
import { serveInferenceJobs } from '../../workers/inference-loop';
import { detectionLine, hashOfPosition, StandInTracker, standInSettings, type TraceLine } from './stand-in';

const settings = standInSettings(process.env);

/** Tell the trace, where there is one. */
function trace(job: DetectJob | TrackJob, event: TraceLine['event'], value: number): void {
  if (settings.trace === null) return;
  const line: TraceLine = { atMs: Date.now(), pid: process.pid, video: path.basename(job.videoPath), stage: job.kind, chunk: job.frames.startPosition, event, value };
  appendFileSync(settings.trace, `${JSON.stringify(line)}\n`);
}

async function detect(job: DetectJob, context: JobContext): Promise<undefined> {
  const total = job.detectionPositions.length;
  let done = job.resume?.linesDone ?? 0;
  trace(job, 'begin', done);
  for (const position of job.detectionPositions.slice(done)) {
    await pass(settings.detectMs, context);
    for await (const { hash } of framesFrom(job, position, position + 1, context))
      await context.emit([JSON.stringify(detectionLine(position, hash, settings.objects, job.videoInfo))], new Uint8Array(0), ++done);
    trace(job, 'frame', position);
    context.progress({ done, total, objects: settings.objects, inferenceMs: 0 });
  }
  return undefined;
}

async function track(job: TrackJob, context: JobContext): Promise<unknown> {
  const { startPosition, endPosition } = job.frames;
  const tracker = new StandInTracker(settings.objects, job.firstFreeId, job.videoInfo);
  const before = job.resume?.checkpoint ?? (job.continuesPath === null ? null : await readFile(job.continuesPath));
  if (before !== null) tracker.restore(before);
  // As in earnest, tracking needs what the mask generator found.
  await readFile(job.detectionsPath);
  let done = job.resume?.linesDone ?? 0;
  trace(job, 'begin', done);
  let lines: string[] = [];
  // As in earnest, the frame of the checkpoint is read once more to go on from.
  for await (const { position, hash } of framesFrom(job, startPosition + done - (before === null ? 0 : 1), endPosition, context)) {
    if (position < startPosition + done) continue;
    await pass(settings.frameMs, context);
    lines.push(JSON.stringify(tracker.line(position, hash)));
    trace(job, 'frame', position);
    context.progress({ done: done + lines.length, total: endPosition - startPosition, objects: settings.objects, inferenceMs: 0 });
    if (lines.length < settings.checkpointFrames && position + 1 < endPosition) continue;
    done += lines.length;
    await context.emit(lines, tracker.snapshot(), done);
    lines = [];
  }
  return { tracklets: tracker.tracklets() };
}

/** The frames at positions [from, to): their hashes. */
async function* framesFrom(job: InferenceJob, from: number, to: number, { signal }: JobContext): AsyncGenerator<{ position: number; hash: string }> {
  let position = from;
  if (!settings.readFrames) for (; position < to; position++) yield { position, hash: hashOfPosition(position) };
  if (position >= to) return;
  const { firstFrame, frameStep } = job.frames;
  const request = { path: job.videoPath, info: job.videoInfo, timelineStart: job.timelineStart, startFrame: firstFrame + from * frameStep, endFrame: firstFrame + (to - 1) * frameStep + 1, frameStep, signal };
  for await (const { hash } of readFrames(request)) yield { position: position++, hash };
}

/** Time goes by; a cancellation is seen. */
async function pass(ms: number, { signal }: JobContext): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal });
  signal.throwIfAborted();
}

serveInferenceJobs(() => async (job, context) => {
  const startedAt = performance.now();
  const trailer = job.kind === 'detect' ? await detect(job, context) : await track(job, context);
  return { trailer, inferenceMs: performance.now() - startedAt };
});
