import { join } from 'node:path';
import { writeLines } from '../../adapters/export/json-file';
import { readFrames } from '../../adapters/ffmpeg/frame-reader';
import { probeVideo } from '../../adapters/ffmpeg/probe';
import { scanVideo } from '../../adapters/ffmpeg/scene-cuts';
import { hashFile } from '../../adapters/store/hash-file';
import type { DetectionLine } from '../../contracts/artefacts';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { SegmentOptions } from '../../contracts/segment-options';
import type { RgbImage } from '../../contracts/segmenter';
import type { VideoInfo } from '../../contracts/video-info';
import { decodeRle, encodeRle } from '../../core/mask/rle';
import { fromCocoRle, toCocoRle } from '../../core/mask/rle-string';
import { planVideo } from '../../core/pipeline/plan-video';
import { detectionPositions } from '../../core/planning/detection-positions';
import { hasMemoryNetwork, type ResolvedBundle } from '../../models/bundles';
import { openImageSegmenter, openVideoNetwork } from '../../models/open-networks';
import { preprocessImage } from '../../models/sam/sam-preprocess';
import { detect } from './detect-clip';
import { GraphRuns, type RoleRuns } from './graph-runs';
import { MemoryTracks } from './memory-tracks';
import { trackClip } from './run-clip';
import { stitchChunks } from './stitch-chunks';
import { timed } from './timed';

export interface StagesRun {
  readonly film: string;
  readonly bundle: ResolvedBundle;
  readonly options: SegmentOptions;
  /** Most frames. */
  readonly frames: number;
  /** Threads of a network. */
  readonly threads: number;
  /** Folder for what is written. */
  readonly folder: string;
}

export type StageTimes = readonly { readonly stage: string; readonly milliseconds: number }[];

export interface MeasuredStages {
  readonly stages: StageTimes;
  readonly roles: readonly RoleRuns[];
  readonly frames: number;
  /** Masks per frame. */
  readonly objects: number;
  /** From a bitmap to the text of a run-length encoding, per mask. The stages go there from logits, so it is a part of theirs, and measured by itself. */
  readonly rleMilliseconds: number;
}

/**
 * A film through every stage, one after the other, followed in one pass; stitching is given the tracks as if they were those of two chunks.
 * @throws VamgError as the stages do
 */
export async function runStages({ film, bundle, options, frames: limit, threads, folder }: StagesRun): Promise<MeasuredStages> {
  const { info: timeline } = await scanVideo({ path: film, info: await probeVideo(film) });
  const { result: images, seconds: decoding } = await timed(() => readPictures(film, timeline, Math.min(limit, timeline.pts.length)));
  const frames = images.length;
  const { seconds: preparing } = await timed(async () => images.forEach((image) => preprocessImage(image, options.inputSize)));

  const runs = new GraphRuns();
  const session = { intraOpThreads: threads, onRun: runs.record };
  const segmenter = await openImageSegmenter(bundle, options.inputSize, session);
  const memory = hasMemoryNetwork(bundle.manifest) ? await openVideoNetwork(bundle, segmenter, session) : undefined;
  const detections = new Map<number, DetectionLine>();
  const detected = await timedOutside(runs, async () => {
    for (const position of detectionPositions({ startFrame: 0, endFrame: frames, detectEvery: options.tracking.detectEvery, sceneCuts: [] }))
      detections.set(position, await detect(position, images[position]!, segmenter, options));
  });
  const clip = {
    async *images(from: number, to: number) {
      yield* images.slice(from, to);
    },
  };
  const tracked = await timedOutside(runs, () => trackClip({ clip, first: 0, frames, segmenter, options: options.tracking, detections, ...(memory ? { memory } : {}) }));
  await Promise.all([segmenter.dispose(), memory?.dispose()]);
  const shown = tracked.result.lines.flatMap(({ objects }) => objects.map(({ rle }) => fromCocoRle(rle)));
  const bitmaps = shown.map(decodeRle);
  const { seconds: encodingRle } = await timed(async () => bitmaps.forEach((mask) => toCocoRle(encodeRle(mask))));

  const overlapFrames = Math.max(1, Math.min(16, Math.floor(frames / 3)));
  const planning = { ...options.planning, chunkFrames: Math.ceil((frames + overlapFrames) / 2), overlapFrames, chainChunks: 1 };
  const part = { ...timeline, pts: timeline.pts.slice(0, frames) };
  const plan = planVideo(part, [], { planning, tracking: options.tracking });
  const tracks = plan.chunks.map(() => new MemoryTracks(tracked.result));
  const { result: stitched, seconds: stitching } = await timed(() => stitchChunks({ plan, tracks, planning, timeline: part, size: images[0]! }));
  const { seconds: writing } = await timed(() => writeMasks(stitched.lines, join(folder, 'masks.jsonl')));

  // What makes pictures ready for the encoder is inside the two stages that encode.
  const preparation = (1000 * preparing) / frames;
  const stages = [
    { stage: 'decode', milliseconds: 1000 * decoding },
    { stage: 'scale and normalise', milliseconds: preparation * (detections.size + frames) },
    ...runs.roles().map(({ role, milliseconds }) => ({ stage: role, milliseconds })),
    { stage: 'mask generator, outside networks', milliseconds: detected.milliseconds - preparation * detections.size },
    { stage: 'tracking, outside networks', milliseconds: tracked.milliseconds - preparation * frames },
    { stage: 'match, resolve, relabel', milliseconds: 1000 * stitching },
    { stage: 'write', milliseconds: 1000 * writing },
  ];
  return { stages, roles: runs.roles(), frames, objects: shown.length / frames, rleMilliseconds: (1000 * encodingRle) / Math.max(1, shown.length) };
}

async function readPictures(path: string, info: VideoInfo, frames: number): Promise<RgbImage[]> {
  const images: RgbImage[] = [];
  for await (const { width, height, rgb } of readFrames({ path, info, startFrame: 0, endFrame: frames })) images.push({ width, height, data: rgb });
  return images;
}

/** Milliseconds of some work, less those inside networks. */
async function timedOutside<T>(runs: GraphRuns, work: () => Promise<T>): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const before = runs.milliseconds();
  const { result, seconds } = await timed(work);
  return { result, milliseconds: 1000 * seconds - (runs.milliseconds() - before) };
}

async function writeMasks(lines: readonly MaskLine[], file: string): Promise<void> {
  await writeLines(file, async (line) => {
    for (const one of lines) await line(JSON.stringify(one));
  });
  await hashFile(file);
}
