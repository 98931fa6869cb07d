import { statSync } from 'node:fs';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createControlActivities } from '../../activities/control-activities';
import { ArtefactStore } from '../../adapters/store/artefact-store';
import { FileStore } from '../../adapters/store/file-store';
import { sha256Hex } from '../../adapters/store/hash-file';
import { LineWriter } from '../../adapters/store/json-lines';
import { withScratchDir } from '../../adapters/store/scratch-dir';
import type { StageInput } from '../../contracts/activity-types';
import { CODE_VERSION, type JobSpec } from '../../contracts/artefacts';
import { resolveSegmentOptions } from '../../contracts/segment-options';
import type { VideoInfo } from '../../contracts/video-info';
import { canonicalJson } from '../../core/pipeline/canonical-json';
import { planVideo } from '../../core/pipeline/plan-video';
import { resolveChunksInSteps, type ResolvableChunk } from '../../core/pipeline/resolve-chunks';
import { probeKey, StageKeys } from '../../core/pipeline/stage-keys';
import { chainsOf } from '../../core/planning/chains';
import { matchOverlap } from '../../core/stitch/match-overlap';
import type { OverlapMatch } from '../../core/stitch/types';
import { fromCocoRle } from '../../core/mask/rle-string';
import { head, row } from '../study/markdown';
import { lineAt, maskAt, numbering, trackletsOf, visitAt, type MadeUpFilm } from './made-up-tracks';
import type { ScaleTools } from './scale-tools';

export interface ResolveFigures {
  readonly chunks: number;
  readonly chainChunks: number;
  readonly objects: number;
  readonly tracklets: number;
  readonly identities: number;
  /** The step with a store in a folder, and the longest time that it lets go by without a heartbeat; null where only the function was run. */
  readonly step: { readonly seconds: number; readonly longestSilence: number; readonly bytesPerChunk: number } | null;
  /** The pure function, and the longest time for which it keeps the worker's thread to itself. */
  readonly functionSeconds: number;
  readonly longestTurn: number;
  readonly mapBytes: number;
  readonly peakBytes: number;
}

const FPS = 24;
const FILM: MadeUpFilm = { width: 1280, height: 720, objects: 20, lasting: 8, visit: 400 };

/** Resolving a film of so many chunks: read from a store for real, and only the function for films that are too long to be written. */
export async function measureResolve({ folder, note }: ScaleTools, { read, pure, chainChunks }: { readonly read: readonly number[]; readonly pure: readonly number[]; readonly chainChunks: number }): Promise<ResolveFigures[]> {
  const all: ResolveFigures[] = [];
  for (const chunks of read) {
    all.push(await measureStep(path.join(folder, `resolve-${chunks}`), chunks));
    note(`${chunks} chunks read and resolved`);
  }
  for (const chunks of pure) {
    all.push(measureFunction(chunks, chainChunks));
    note(`${chunks} chunks resolved in chains of ${chainChunks}`);
  }
  return all;
}

function videoOf(frames: number): VideoInfo {
  const { width, height } = FILM;
  return {
    ...{ schemaVersion: 1, container: 'mov', codec: 'h264', pixelFormat: 'yuv420p', sizeBytes: 1, streamIndex: 0, codedWidth: width, codedHeight: height, rotation: 0, width, height },
    ...{ sampleAspectRatio: { num: 1, den: 1 }, timeBase: { num: 1, den: FPS }, nominalFrameRate: { num: FPS, den: 1 }, pts: Array.from({ length: frames }, (_, frame) => frame), lastFrameDuration: 1 },
    ...{ isVariableFrameRate: false, startPts: 0, durationSeconds: frames / FPS, audioStreams: 0, audioCodecs: [], seekPoints: [], isTimelineOrdered: true, isVerified: true, decodeErrors: 0 },
  };
}

/** The step itself: it reads the tracks of all chunks from a store in a folder. */
async function measureStep(folder: string, chunks: number): Promise<ResolveFigures> {
  const artefacts = new ArtefactStore(await FileStore.open(path.join(folder, 'store')), path.join(folder, 'scratch'));
  const options = resolveSegmentOptions();
  const info = videoOf(chunks * options.planning.chunkFrames);
  const job: JobSpec = { schemaVersion: 1, videoId: '0'.repeat(64), videoName: 'film.mp4', options, model: { name: 'none', sha256: 'none' }, firstFrameMask: null, prompts: null, codeVersion: CODE_VERSION };
  const input: StageInput = { job: await artefacts.putData(Buffer.from(canonicalJson(job))) };
  await artefacts.publishJson('probe', probeKey(job, sha256Hex), { schemaVersion: 1, info, sceneCuts: [] }, { frames: info.pts.length });
  const control = createControlActivities({ artefacts });
  await run(control.plan, input);
  const plan = planVideo(info, [], options);
  const keys = new StageKeys(job, plan, sha256Hex);
  let bytes = 0;
  for (const { firstChunk, endChunk } of keys.chains) {
    const idOf = numbering();
    for (const { index, startFrame, endFrame } of plan.chunks.slice(firstChunk, endChunk))
      await withScratchDir(artefacts.scratchRoot, async (scratch) => {
        const file = path.join(scratch, 'track.gz');
        const writer = new LineWriter(file);
        for (let position = startFrame; position < endFrame; position++) await writer.write(JSON.stringify(lineAt(FILM, position, idOf)));
        await writer.write(JSON.stringify({ tracklets: trackletsOf(FILM, startFrame, endFrame, idOf) }));
        await writer.close();
        bytes += statSync(file).size;
        await artefacts.publishFile('track', keys.track(index), file, { lines: endFrame - startFrame, inferenceMs: 0 });
      });
  }
  for (let left = 0; left + 1 < keys.chains.length; left++) await run(control.match, { ...input, chunk: left });
  const env = new MockActivityEnvironment();
  const beats: number[] = [];
  env.on('heartbeat', () => beats.push(performance.now()));
  const startedAt = performance.now();
  const { summary } = await run(control.resolve, input, env);
  const endedAt = performance.now();
  const silences = [...beats, endedAt].map((at, i) => at - (beats[i - 1] ?? startedAt));
  const pure = measureFunction(plan.chunks.length, options.planning.chainChunks);
  return { ...pure, identities: Number(summary['objects']), step: { seconds: (endedAt - startedAt) / 1000, longestSilence: Math.max(...silences) / 1000, bytesPerChunk: bytes / plan.chunks.length } };
}

async function run<T>(activity: (input: StageInput) => Promise<T>, input: StageInput, env = new MockActivityEnvironment()): Promise<T> {
  return (await env.run(activity as never, input as never)) as T;
}

/** The function alone, over tracklets and matches that are made up in memory. */
function measureFunction(chunkCount: number, chainChunks: number): ResolveFigures {
  const options = resolveSegmentOptions({ planning: { chainChunks } });
  const plan = planVideo(videoOf(chunkCount * options.planning.chunkFrames), [], options);
  const chains = chainsOf(plan.chunks);
  const numbers = chains.map(() => numbering());
  const chunks = chains.map((spec, i): ResolvableChunk => {
    const records = trackletsOf(FILM, spec.startFrame, spec.endFrame, numbers[i]!);
    const place = (localId: number): { x: number; y: number; extent: number; area: number } => ({ x: 100 + 50 * (localId % 20), y: 100, extent: 80, area: 5000 });
    return {
      spec,
      tracklets: records.map(({ localId, firstPosition, lastPosition, meanArea, firstArea }) => ({ chunkIndex: spec.index, localId, firstFrame: firstPosition, lastFrame: lastPosition, area: meanArea, firstArea })),
      looks: new Map(records.map(({ localId, appearance }) => [localId, { appearance: Float32Array.from(appearance), first: place(localId), last: place(localId) }])),
    };
  });
  const matches = chains.slice(1).map((_, left) => matchAt(chunks[left]!, chunks[left + 1]!, numbers[left]!, numbers[left + 1]!));
  const startedAt = performance.now();
  const steps = resolveChunksInSteps(chunks, matches, { planning: options.planning, sceneCuts: [], size: FILM });
  let [found, longestTurn, before] = [steps.next(), 0, startedAt];
  for (; found.done !== true; found = steps.next()) {
    const now = performance.now();
    longestTurn = Math.max(longestTurn, now - before);
    before = now;
  }
  longestTurn = Math.max(longestTurn, performance.now() - before) / 1000;
  const functionSeconds = (performance.now() - startedAt) / 1000;
  const mapBytes = JSON.stringify(found.value).length;
  const tracklets = chunks.reduce((sum, { tracklets: { length } }) => sum + length, 0);
  return { chunks: plan.chunks.length, chainChunks, objects: FILM.objects, tracklets, identities: found.value.objects.length, step: null, functionSeconds, longestTurn, mapBytes, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

type Numbering = ReturnType<typeof numbering>;

/** The border of two chains: matched once for real on a frame that both see, so that its evidence is as large as in earnest. */
function matchAt(left: ResolvableChunk, right: ResolvableChunk, leftId: Numbering, rightId: Numbering): OverlapMatch {
  const position = right.spec.startFrame;
  const side = (chunk: ResolvableChunk, idOf: Numbering): Parameters<typeof matchOverlap>[0] => {
    const masks = new Map(Array.from({ length: FILM.objects }, (_, slot) => [idOf(slot, visitAt(FILM, slot, position)), { rle: masksOnce[slot]!, score: 0.9 }]));
    const tracklets = chunk.tracklets.filter(({ firstFrame, lastFrame }) => firstFrame <= position && lastFrame >= position);
    return { chunkIndex: chunk.spec.index, tracklets, frames: [{ frame: position, masks }] };
  };
  return matchOverlap(side(left, leftId), side(right, rightId), resolveSegmentOptions().planning);
}

const masksOnce = Array.from({ length: FILM.objects }, (_, slot) => fromCocoRle(maskAt(FILM, slot, 0)));

export function resolveTables(all: readonly ResolveFigures[]): string[] {
  return [
    ...head(['chunks', 'in chains of', 'tracklets', 'objects found', 'step: seconds', 'longest time without a heartbeat, s', 'KB of tracks per chunk', 'function alone: seconds', 'longest turn of it, s', 'MB of the identities', 'peak MB']),
    ...all.map(({ chunks, chainChunks, tracklets, identities, step, functionSeconds, longestTurn, mapBytes, peakBytes }) =>
      row(chunks, chainChunks, tracklets, identities, step?.seconds.toFixed(1) ?? '–', step?.longestSilence.toFixed(1) ?? '–', step === null ? '–' : (step.bytesPerChunk / 1e3).toFixed(0), functionSeconds.toFixed(1), longestTurn.toFixed(1), (mapBytes / 1e6).toFixed(0), (peakBytes / 1e6).toFixed(0)),
    ),
  ];
}
