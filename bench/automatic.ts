/**
 * How well objects are found and followed without any help: runs the mask generator and a tracker in this process over clips with
 * truth, as one chunk, and prints markdown. Beside the J of the best single track stand what bounds it: the best mask of any track per
 * frame (what is lost by linking), and the best mask of the mask generator per detection frame (what is lost by detection). Detections
 * and embeddings are cached on disk, so that a second run with other settings is quick.
 *
 *   npm run bench:automatic -- --data DIR [--clips davis16,mix-hike] [--preset balanced] [--device cpu] [--tracker memory] [--frames N] [--every N] [--max N]
 */
import { parseArgs } from 'node:util';
import type { DetectionLine } from '../contracts/artefacts';
import { resolveSegmentOptions, trackingOptionsSchema, type SegmentOptions } from '../contracts/segment-options';
import type { MemoryNetwork } from '../contracts/memory-network';
import { fromCocoRle } from '../core/mask/rle-string';
import type { Rle } from '../core/mask/types';
import { BestTrackScorer, type ObjectScore } from '../core/metrics/best-track';
import { regionSimilarity } from '../core/metrics/region-similarity';
import type { Clip } from './study/clip';
import { detectClip } from './study/detect-clip';
import type { StudySegmenter } from './study/embedding-cache';
import { mean, row } from './study/markdown';
import { BENCH_OPTIONS, cacheFolder, openClips, openNetworks, presetOf } from './study/open-bench';
import { trackClip, type ClipTracks } from './study/run-clip';

interface Bench {
  readonly segmenter: StudySegmenter;
  readonly memory: MemoryNetwork | undefined;
  readonly options: SegmentOptions;
  readonly frames: number;
  readonly cache: string;
}

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
      ...BENCH_OPTIONS,
      clips: { type: 'string', default: 'davis16,mix-hike,mix-pond' },
      tracker: { type: 'string', default: 'memory' },
      every: { type: 'string' },
      max: { type: 'string' },
    },
  });
  const clips = await openClips(values.data, values.clips);
  const tracker = trackingOptionsSchema.shape.tracker.parse(values.tracker);
  const every = tracker === 'iou' ? 1 : values.every ? Number(values.every) : undefined;
  const options = resolveSegmentOptions({ preset: presetOf(values.preset), tracking: { tracker, ...(values.max ? { maxObjects: Number(values.max) } : {}), ...(every ? { detectEvery: every } : {}) } });
  const networks = await openNetworks(values, options.inputSize);
  const bench = { ...networks, options, frames: Number(values.frames), cache: cacheFolder(values) };
  const columns = ['clip', 'object', 'frames', 'J best track', 'J any track', 'J detections', 'covered', 'switches', 'breaks', 'objects/frame', 'prompts/frame', 's/frame', 's/detection'];
  console.log(row(...columns));
  console.log(row(...columns.map(() => '---')));
  const means: number[] = [];
  for (const clip of clips) means.push(await runClip(clip, bench));
  console.log(row('**mean of clips**', '', '', `**${mean(means).toFixed(3)}**`, ...columns.slice(4).map(() => '')));
  await networks.dispose();
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
