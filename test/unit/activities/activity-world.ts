import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ArtefactStore } from '../../../adapters/store/artefact-store';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { FileSourceRegistry } from '../../../adapters/store/source-registry';
import { createControlActivities } from '../../../activities/control-activities';
import { createInferenceActivities } from '../../../activities/inference-activities';
import { createMediaActivities } from '../../../activities/media-activities';
import type { MediaTools, RenderChunkRequest } from '../../../activities/media-tools';
import { PromisedVideos } from '../../../activities/promised-videos';
import { resultManifestSchema } from '../../../contracts/pipeline-artefacts';
import type { StageInput } from '../../../contracts/activity-types';
import { CODE_VERSION, jobSpecSchema, type JobSpec, type TrackLine } from '../../../contracts/artefacts';
import type { InferenceHandlers, InferenceHost, InferenceJob, InferenceResult } from '../../../contracts/inference';
import type { GivenPrompt, PromptsFile } from '../../../contracts/prompts';
import { resolveSegmentOptions, type PlanningOptions, type SegmentOptions } from '../../../contracts/segment-options';
import type { VideoInfo } from '../../../contracts/video-info';
import { isContinuation } from '../../../core/planning/chains';
import { canonicalJson } from '../../../core/pipeline/canonical-json';
import { encodeRle } from '../../../core/mask/rle';
import { toCocoRle } from '../../../core/mask/rle-string';
import { quietRuntime } from '../../support/quiet-runtime';

quietRuntime();

const WIDTH = 32;
const HEIGHT = 24;
export const FRAMES = 60;

export const INFO: VideoInfo = {
  schemaVersion: 1, container: 'mov', codec: 'h264', pixelFormat: 'yuv420p', sizeBytes: 4, streamIndex: 0, codedWidth: WIDTH, codedHeight: HEIGHT,
  rotation: 0, sampleAspectRatio: { num: 1, den: 1 }, width: WIDTH, height: HEIGHT, timeBase: { num: 1, den: 10 }, pts: Array.from({ length: FRAMES }, (_, i) => i),
  lastFrameDuration: 1, isVariableFrameRate: false, nominalFrameRate: { num: 10, den: 1 }, startPts: 0, durationSeconds: FRAMES / 10, audioStreams: 0,
  audioCodecs: [], seekPoints: [], isTimelineOrdered: true, isVerified: true, decodeErrors: 0,
};

/** A square of 8 pixels at x = 2 + object * 12, moving down one pixel in four frames. */
function squareAt(object: number, position: number): ReturnType<typeof toCocoRle> {
  const data = new Uint8Array(WIDTH * HEIGHT);
  const top = 2 + Math.floor(position / 4) % 12;
  for (let y = top; y < top + 8; y++) data.fill(1, y * WIDTH + 2 + object * 12, y * WIDTH + 10 + object * 12);
  return toCocoRle(encodeRle({ width: WIDTH, height: HEIGHT, data }));
}

/** Finds two squares in every frame. Checkpoints after every second line; local IDs depend on the chunk. */
export class FakeHost implements InferenceHost {
  readonly jobs: InferenceJob[] = [];
  /** What each track job was told of given objects, by first position. */
  readonly prompts = new Map<number, GivenPrompt[]>();
  /** What each track job went on from, and whether another was to go on, by first position. */
  readonly chain = new Map<number, { readonly from: string | null; readonly isContinued: boolean }>();
  /** The user's ID of the first object, where it has one. */
  givenId: number | undefined;
  /** Positions [from, to) on which the second square is not there; longer than any tracker waits. */
  hidden: readonly [number, number] = [0, 0];
  /** Called before each line; may throw or wait. */
  before: (line: number, job: InferenceJob, signal: AbortSignal) => Promise<void> = async () => undefined;

  async runJob(job: InferenceJob, handlers: InferenceHandlers, signal: AbortSignal): Promise<InferenceResult> {
    this.jobs.push(job);
    if (job.kind === 'track' && job.promptsPath !== null) this.prompts.set(job.frames.startPosition, JSON.parse(await readFile(job.promptsPath, 'utf8')) as GivenPrompt[]);
    if (job.kind === 'track') this.chain.set(job.frames.startPosition, { from: job.continuesPath === null ? null : await readFile(job.continuesPath, 'utf8'), isContinued: job.isContinued });
    const lines = job.kind === 'detect' ? this.detections(job) : this.tracks(job);
    for (let i = job.resume?.linesDone ?? 0; i < lines.length; i++) {
      await this.before(i, job, signal);
      signal.throwIfAborted();
      await handlers.onLines([lines[i]!], i % 2 === 1 || i === lines.length - 1 ? Buffer.from(`after ${job.frames.startPosition + i}`) : null, i + 1);
      handlers.onProgress({ done: i + 1, total: lines.length, objects: 2, inferenceMs: i });
    }
    return { inferenceMs: 5, ...(job.kind === 'track' && { trailer: { tracklets: this.localIds(job).flatMap((localId, object) => this.tracklet(localId, object, job)) } }) };
  }

  async close(): Promise<void> {}

  private localIds(job: InferenceJob): number[] {
    const { startPosition } = job.frames;
    // A chunk that goes on has the numbers of the one before it, and a new one for what was away.
    if (job.kind === 'track' && job.continuesPath !== null) return [1, this.isHidden(1, startPosition) || (this.hidden[1] > 0 && startPosition >= this.hidden[1]) ? 3 : 2];
    return startPosition === 0 ? [1, 2] : [2, 1];
  }

  private detections(job: InferenceJob): string[] {
    return job.detectionPositions.map((position) => JSON.stringify({ position, hash: `h${position}`, masks: [] }));
  }

  private tracks(job: InferenceJob): string[] {
    const { startPosition, endPosition } = job.frames;
    return Array.from({ length: endPosition - startPosition }, (_, i) => {
      const position = startPosition + i;
      const objects = this.localIds(job).flatMap((localId, object) => (this.isHidden(object, position) ? [] : { localId, score: 0.9, rle: squareAt(object, position) as TrackLine['objects'][number]['rle'] }));
      return JSON.stringify({ position, hash: `h${position}`, objects } satisfies TrackLine);
    });
  }

  private isHidden(object: number, position: number): boolean {
    return object === 1 && position >= this.hidden[0] && position < this.hidden[1];
  }

  private tracklet(localId: number, object: number, { frames }: InferenceJob): object[] {
    const { startPosition, endPosition } = frames;
    const seen = Array.from({ length: endPosition - startPosition }, (_, i) => startPosition + i).filter((position) => !this.isHidden(object, position));
    if (seen.length === 0) return [];
    const span = { firstPosition: seen[0]!, lastPosition: seen.at(-1)!, frames: seen.length };
    return [{ localId, ...span, ...(object === 0 && this.givenId !== undefined && { givenId: this.givenId }), meanArea: 64, firstArea: 64, confirmed: true, appearance: object === 0 ? [1, 0] : [0, 1], parent: null }];
  }
}

/** What a film was drawn from. */
export interface Rendered extends Pick<RenderChunkRequest, 'startPosition' | 'endPosition' | 'leadPosition' | 'look'> {
  /** The text of the masks. */
  readonly masks: string;
}

const fakeMedia = (rendered: Rendered[], probedWith: (VideoInfo | undefined)[]): MediaTools => ({
  probe: async (_path, _signal, _onProgress, promised) => {
    probedWith.push(promised);
    return { info: INFO, sceneCuts: [] };
  },
  renderChunk: async ({ overlayPath, previewPath, masksPath, startPosition, endPosition, leadPosition, look }) => {
    const masks = await readFile(masksPath, 'utf8');
    rendered.push({ startPosition, endPosition, leadPosition, look, masks });
    for (const file of [overlayPath, previewPath]) if (file !== null) await writeFile(file, `film of ${masks.split('\n').length - 1} frames;`);
  },
  joinVideos: async ({ parts, outputPath }) => await writeFile(outputPath, (await Promise.all(parts.map((part) => readFile(part, 'utf8')))).join('')),
  writeViewer: async ({ folder }) => {
    await writeFile(path.join(folder, 'index.html'), '<html>');
    return ['index.html'];
  },
  summarise: async ({ identities, labels }) => ({ objects: identities.objects.length, labels: [...labels] }),
});

/** Activities over a memory store, a fake inference host and fake films. */
export class ActivityWorld {
  readonly objects = new MemoryStore();
  readonly host = new FakeHost();
  readonly rendered: Rendered[] = [];
  /** What each probe was told of the container. */
  readonly probedWith: (VideoInfo | undefined)[] = [];
  readonly tools = fakeMedia(this.rendered, this.probedWith);
  readonly promised = new PromisedVideos();
  readonly artefacts: ArtefactStore;
  readonly control;
  readonly media;
  readonly inference;
  input: StageInput = { job: { key: 'v1/x', sha256: '', bytes: 0 } };

  private constructor(readonly folder: string, stallSeconds: number) {
    this.artefacts = new ArtefactStore(this.objects, path.join(folder, 'scratch'));
    const sources = new FileSourceRegistry(path.join(folder, 'sources'));
    this.control = createControlActivities({ artefacts: this.artefacts });
    this.media = createMediaActivities({ artefacts: this.artefacts, sources, media: this.tools, version: '0.0.0', promised: this.promised });
    this.inference = createInferenceActivities({ artefacts: this.artefacts, sources, host: this.host, stallSeconds });
  }

  /** @param given a first-frame mask and a file of prompts, and whether nothing else is followed */
  static async create(stallSeconds = 60, given: { firstFrameMask?: Buffer; prompts?: PromptsFile; onlyPrompted?: boolean; chainChunks?: number } = {}): Promise<ActivityWorld> {
    const folder = await mkdtemp(path.join(tmpdir(), 'vamg-activities-'));
    const world = new ActivityWorld(folder, stallSeconds);
    const video = path.join(folder, 'film.mp4');
    await writeFile(video, 'film');
    const { videoId } = await new FileSourceRegistry(path.join(folder, 'sources')).register(video);
    const options = resolveSegmentOptions({ planning: { chunkFrames: 30, overlapFrames: 8, chainChunks: given.chainChunks ?? 1 }, tracking: { onlyPrompted: given.onlyPrompted ?? false } });
    const firstFrameMask = given.firstFrameMask ? await world.artefacts.putData(given.firstFrameMask) : null;
    const prompts = given.prompts ? await world.artefacts.putData(Buffer.from(canonicalJson(given.prompts))) : null;
    const spec: JobSpec = { schemaVersion: 1, videoId, videoName: 'film.mp4', options, model: { name: 'mobilesam', sha256: 'm' }, firstFrameMask, prompts, codeVersion: CODE_VERSION };
    world.input = { job: await world.artefacts.putData(Buffer.from(canonicalJson(spec))) };
    return world;
  }

  /** The same job with other planning options, as `vamg restitch` makes it. */
  async changePlanning(change: Partial<PlanningOptions>): Promise<void> {
    await this.changeOptions(({ planning }) => ({ planning: { ...planning, ...change } }));
  }

  /** The same job with another overlay. */
  async changeOutput(change: Partial<SegmentOptions['output']>): Promise<void> {
    await this.changeOptions(({ output }) => ({ output: { ...output, ...change } }));
  }

  private async changeOptions(change: (options: SegmentOptions) => Partial<SegmentOptions>): Promise<void> {
    const spec = await this.artefacts.readJson(this.input.job, jobSpecSchema);
    this.input = { job: await this.artefacts.putData(Buffer.from(canonicalJson({ ...spec, options: { ...spec.options, ...change(spec.options) } }))) };
  }

  async run<T>(activity: (input: StageInput) => Promise<T>, chunk?: number, env = new MockActivityEnvironment()): Promise<T> {
    return (await env.run(activity as never, { ...this.input, ...(chunk !== undefined && { chunk }) } as never)) as T;
  }

  /** Every stage, as the workflow calls them; with stitchOnly none that a network runs in. */
  async runAll({ stitchOnly = false } = {}): Promise<Awaited<ReturnType<ActivityWorld['media']['publish']>>> {
    await this.run(this.media.probe);
    const { chunkCount, chains } = await this.run(this.control.plan);
    const chunks = Array.from({ length: chunkCount }, (_, i) => i);
    for (const chunk of stitchOnly ? [] : chunks) {
      await this.run(this.inference.detect, chunk);
      await this.run(this.inference.track, chunk);
    }
    const borders = chunks.filter((chunk) => !isContinuation(chains, chunk)).length - 1;
    for (let left = 0; left < borders; left++) await this.run(this.control.match, left);
    await this.run(this.control.resolve);
    for (const chunk of chunks) {
      await this.run(this.control.relabel, chunk);
      await this.run(this.media.render, chunk);
    }
    return await this.run(this.media.publish);
  }

  /** A file of a result. */
  async fileOf(manifest: { key: string }, name: string): Promise<string> {
    const { files } = resultManifestSchema.parse(JSON.parse(Buffer.from(await this.objects.get(manifest.key)).toString()));
    return Buffer.from(await this.objects.get(files[name]!.key)).toString();
  }

  async masksOf(manifest: { key: string }): Promise<string> {
    return await this.fileOf(manifest, 'masks.jsonl');
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
