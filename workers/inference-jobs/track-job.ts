import { readFile } from 'node:fs/promises';
import { decodeFirstFrameMask } from '../../adapters/png/first-frame-mask';
import { detectionLineSchema, type DetectionLine } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import { givenPromptSchema } from '../../contracts/prompts';
import type { TrackJob } from '../../contracts/inference';
import { trackChunk, type ChunkFrame, type ChunkTrackerInput } from '../../core/tracking/chunk-tracker';
import { chooseTracker, createTrackerSession, type TrackerTools } from '../../core/tracking/create-session';
import { encodeAhead } from '../../core/tracking/encode-ahead';
import { cooperativeMemory, cooperativeSegmenter } from './cooperative-network';
import type { JobContext } from './job-context';
import type { Networks } from './network-cache';
import { readRun } from './read-run';

/** Follow all objects through a chunk. The trailer is a trackTrailerSchema value. */
export async function runTrackJob(job: TrackJob, networks: Networks, context: JobContext): Promise<unknown> {
  const { tracking } = job.options;
  const tracker = chooseTracker(tracking.tracker, networks.hasMemory);
  const { startPosition, endPosition } = job.frames;
  const total = endPosition - startPosition;
  let done = job.resume?.linesDone ?? 0;
  let objects = 0;
  let seen = done;
  const startMs = networks.inferenceMs();
  const report = (): void => context.progress({ done: seen, total, objects, inferenceMs: networks.inferenceMs() - startMs });
  const detections = await readDetections(job.detectionsPath);
  const checkpoint = job.resume?.checkpoint ?? null;
  const continues = job.continuesPath === null ? null : await readFile(job.continuesPath);
  // The frame of the checkpoint is the last one that was written, by this chunk or the one before: the tracker needs it once more to go on from.
  const firstPosition = checkpoint === null && continues === null ? startPosition : startPosition + done - 1;
  const read = readRun(job, { first: firstPosition, stride: 1, count: endPosition - firstPosition }, context.signal);
  const { frames, segmenter: ahead, onComputing } = encodeAhead(read, networks.segmenter);
  const segmenter = cooperativeSegmenter(ahead, context.signal, report);
  const tools: TrackerTools = {
    segmenter,
    ...(tracker === 'memory' ? { memory: cooperativeMemory(await networks.memory(), context.signal, report) } : {}),
    sharpen: tracking.sharpen,
    rememberedFrames: tracking.rememberedFrames,
    onComputing,
    signal: context.signal,
  };
  const input: ChunkTrackerInput = {
    frames: told(frames, (position) => (seen = Math.max(seen, position - startPosition))),
    detections: (position) => detections.get(position),
    segmenter,
    options: tracking,
    createSession: createTrackerSession(tracker, tools),
    sceneCuts: new Set(job.sceneCuts),
    signal: context.signal,
    ...(job.firstFrameMaskPath === null ? {} : { initialObjects: await readInitialObjects(job.firstFrameMaskPath, job.videoInfo) }),
    ...(job.promptsPath === null ? {} : { prompts: givenPromptSchema.array().parse(JSON.parse(await readFile(job.promptsPath, 'utf8'))) }),
    onUnanswered: (objectId, position) => context.log('warn', `object ${objectId}: nothing was found for its prompt on frame ${job.frames.firstFrame + position * job.frames.frameStep}`),
    firstFreeId: job.firstFreeId,
    isContinued: job.isContinued,
    ...(checkpoint === null ? {} : { resume: checkpoint }),
    ...(continues === null ? {} : { continues }),
  };
  for await (const event of trackChunk(input)) {
    if (event.kind === 'trailer') return { tracklets: event.tracklets };
    done += event.lines.length;
    seen = Math.max(seen, done);
    objects = event.lines.at(-1)?.objects.length ?? 0;
    await context.emit(event.lines.map((line) => JSON.stringify(line)), event.checkpoint, done);
    report();
  }
  throw new VamgError('Internal', 'The tracker ended without its list of tracklets.');
}

/** @param onNext told of every frame that is asked for: those before it are gone through */
async function* told(frames: AsyncIterable<ChunkFrame>, onNext: (position: number) => void): AsyncGenerator<ChunkFrame> {
  for await (const frame of frames) {
    onNext(frame.position);
    yield frame;
  }
}

/** A chunk's detections are small: a few hundred kilobytes. */
async function readDetections(path: string): Promise<Map<number, DetectionLine>> {
  const found = new Map<number, DetectionLine>();
  for (const text of (await readFile(path, 'utf8')).split('\n')) {
    if (text === '') continue;
    const line = detectionLineSchema.parse(JSON.parse(text));
    found.set(line.position, line);
  }
  return found;
}

async function readInitialObjects(path: string, size: { width: number; height: number }): Promise<NonNullable<ChunkTrackerInput['initialObjects']>> {
  return [...decodeFirstFrameMask(await readFile(path), size)].map(([objectId, rle]) => ({ objectId, rle }));
}
