/**
 * How well objects are found and followed without any help: runs the mask generator and a tracker in this process over clips with
 * truth, as one chunk, and prints markdown. Beside the J of the best single track stand what bounds it: the best mask of any track per
 * frame (what is lost by linking), and the best mask of the mask generator per detection frame (what is lost by detection). Detections
 * and embeddings are cached on disk, so that a second run with other settings is quick.
 *
 *   npm run bench:automatic -- --data DIR [--clips davis16,mix-hike] [--preset balanced] [--tracker memory] [--frames N] [--every N] [--max N]
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DetectionLine } from '../contracts/artefacts';
import { PRESET_NAMES } from '../contracts/presets';
import { resolveSegmentOptions, trackingOptionsSchema, type SegmentOptions } from '../contracts/segment-options';
import type { MemoryNetwork } from '../contracts/memory-network';
import { fromCocoRle } from '../core/mask/rle-string';
import type { Rle } from '../core/mask/types';
import { BestTrackScorer, type ObjectScore } from '../core/metrics/best-track';
import { regionSimilarity } from '../core/metrics/region-similarity';
import { createMemoryModel } from '../models/memory/memory-model';
import { createSamModel } from '../models/sam/sam-model';
import { isClip, openClip, type Clip } from './study/clip';
import { detectClip } from './study/detect-clip';
import { cacheEmbeddings, type StudySegmenter } from './study/embedding-cache';
import { trackClip, type ClipTracks } from './study/run-clip';
import { encoderIdentity, openStudyBundle } from './study/study-bundle';

interface Bench {
  readonly segmenter: StudySegmenter;
  readonly memory: MemoryNetwork | undefined;
  readonly options: SegmentOptions;
  readonly frames: number;
  readonly cache: string;
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Mean over the frames that show each object of the best J that any of the frame's masks has with it. */
class Oracle {
  private readonly values = new Map<number, number[]>();

  add(masks: readonly Rle[], truth: ReadonlyMap<number, Rle>): void {
    for (const [id, rle] of truth) {
      const list = this.values.get(id) ?? [];
      this.values.set(id, list);
      list.push(Math.max(0, ...masks.map((mask) => regionSimilarity(mask, rle))));
    }
  }

  of(id: number): number {
    return mean(this.values.get(id) ?? []);
  }
}

interface ClipScores {
  readonly objects: readonly ObjectScore[];
  readonly anyTrack: Oracle;
  readonly detections: Oracle;
}

function scoreClip(clip: Clip, { lines, tracklets }: ClipTracks, detections: ReadonlyMap<number, DetectionLine>): ClipScores {
  const confirmed = new Set(tracklets.filter((tracklet) => tracklet.confirmed).map(({ localId }) => localId));
  const scorer = new BestTrackScorer();
  const [anyTrack, detected] = [new Oracle(), new Oracle()];
  for (const { position, objects } of lines) {
    const truth = clip.truth(position);
    const masks = new Map(objects.filter(({ localId }) => confirmed.has(localId)).map(({ localId, rle }) => [localId, fromCocoRle(rle)]));
    scorer.addFrame(position, masks, truth);
    anyTrack.add([...masks.values()], truth);
    const line = detections.get(position);
    if (line) detected.add(line.masks.map(({ rle }) => fromCocoRle(rle)), truth);
  }
  return { objects: scorer.result(), anyTrack, detections: detected };
}

async function runClip(clip: Clip, bench: Bench): Promise<number> {
  const { segmenter, memory, options } = bench;
  const frames = Math.min(clip.frames, bench.frames);
  const detections = await detectClip(clip, frames, segmenter, options, bench.cache);
  const promptsBefore = segmenter.promptCount();
  const tracks = await trackClip({ clip, first: 0, frames, segmenter, options: options.tracking, detections: detections.lines, ...(memory ? { memory } : {}) });
  const { objects, anyTrack, detections: detected } = scoreClip(clip, tracks, detections.lines);
  const shown = mean(tracks.lines.map((line) => line.objects.length));
  const prompts = (segmenter.promptCount() - promptsBefore) / frames;
  for (const score of objects) {
    const { truthId, bestTrackJ, coverage, idSwitches, fragments } = score;
    console.log(row(clip.name, truthId, score.visibleFrames, bestTrackJ.toFixed(3), anyTrack.of(truthId).toFixed(3), detected.of(truthId).toFixed(3), `${Math.round(coverage * 100)} %`, `${idSwitches}${idSwitches > 0 ? ` (${score.switchFrames.join(' ')})` : ''}`, fragments, shown.toFixed(1), prompts.toFixed(1), (tracks.seconds / frames).toFixed(2), detections.seconds.toFixed(1)));
  }
  return mean(objects.map(({ bestTrackJ }) => bestTrackJ));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      clips: { type: 'string', default: 'davis16,mix-hike,mix-pond' },
      bundle: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      tracker: { type: 'string', default: 'memory' },
      frames: { type: 'string', default: '100000' },
      every: { type: 'string' },
      max: { type: 'string' },
      cache: { type: 'string', default: '/tmp/vamg-tracking-study' },
    },
  });
  if (!values.data) throw new Error('--data is needed: a folder of clips with frames/ or video.mp4, and masks/');
  const preset = PRESET_NAMES.find((name) => name === values.preset);
  if (!preset) throw new Error(`no preset ${values.preset}`);
  const tracker = trackingOptionsSchema.shape.tracker.parse(values.tracker);
  const every = tracker === 'iou' ? 1 : values.every ? Number(values.every) : undefined;
  const options = resolveSegmentOptions({ preset, tracking: { tracker, ...(values.max ? { maxObjects: Number(values.max) } : {}), ...(every ? { detectEvery: every } : {}) } });
  const bundle = await openStudyBundle(values.bundle);
  const segmenter = cacheEmbeddings(await createSamModel(bundle, options.inputSize), values.cache, encoderIdentity(bundle, options.inputSize));
  const memory = tracker === 'memory' ? await createMemoryModel(bundle) : undefined;
  const bench = { segmenter, memory, options, frames: Number(values.frames), cache: values.cache };
  const wanted = values.clips.split(',');
  const folders = readdirSync(values.data).filter((name) => wanted.some((start) => name.startsWith(start))).sort().map((name) => join(values.data!, name)).filter(isClip);
  const columns = ['clip', 'object', 'frames', 'J best track', 'J any track', 'J detections', 'covered', 'switches', 'breaks', 'objects/frame', 'prompts/frame', 's/frame', 's/detection'];
  console.log(row(...columns));
  console.log(row(...columns.map(() => '---')));
  const means: number[] = [];
  for (const folder of folders) means.push(await runClip(await openClip(folder), bench));
  console.log(row('**mean of clips**', '', '', `**${mean(means).toFixed(3)}**`, ...columns.slice(4).map(() => '')));
  await memory?.dispose();
  await segmenter.dispose();
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
