/**
 * Experiment driver for the trackers: runs trackChunk in this process over one clip with truth and prints best-track J and
 * time per frame. Detections and embeddings are cached on disk, so that a second run with other settings is quick.
 *
 *   npm run bench:tracking -- --clip DIR [--bundle DIR] [--preset draft] [--frames 40] [--tracker prompt] [--cache DIR]
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DetectionLine, TrackLine, TrackletRecord } from '../contracts/artefacts';
import { PRESET_NAMES } from '../contracts/presets';
import { resolveSegmentOptions, trackingOptionsSchema, type SegmentOptions } from '../contracts/segment-options';
import type { PromptableSegmenter, RgbImage } from '../contracts/segmenter';
import { generateMasks } from '../core/amg/automatic-mask-generator';
import { isEmptyRle } from '../core/mask/rle';
import { rleIou } from '../core/mask/rle-ops';
import { fromCocoRle, toCocoRle } from '../core/mask/rle-string';
import { createMemoryModel } from '../models/memory/memory-model';
import { createSamModel } from '../models/sam/sam-model';
import { openClip, type Clip } from './study/clip';
import { cacheEmbeddings } from './study/embedding-cache';
import { trackClip } from './study/run-clip';
import { encoderIdentity, openStudyBundle } from './study/study-bundle';

interface Study {
  readonly clip: Clip;
  readonly cache: string;
  readonly options: SegmentOptions;
}

async function detect(study: Study, model: PromptableSegmenter, position: number, image: RgbImage): Promise<DetectionLine> {
  const { options, cache } = study;
  const key = createHash('sha256').update(JSON.stringify([options.amg, options.inputSize])).digest('hex').slice(0, 8);
  const file = join(cache, `${study.clip.name}-${position}-${key}.det.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DetectionLine;
  const records = await generateMasks(model, image, options.amg, { embedding: await model.encode(image), exact: false });
  const masks = records.map((r) => ({ rle: { size: [r.rle.height, r.rle.width] as [number, number], counts: toCocoRle(r.rle).counts }, predictedIou: r.predictedIou, stabilityScore: r.stabilityScore, point: [...r.pointCoords] as [number, number] }));
  const line: DetectionLine = { position, hash: String(position), masks };
  writeFileSync(file, JSON.stringify(line));
  return line;
}

/** Mean over the frames with truth of the best single track's IoU, and of the best mask of any track. */
function scoreTracks(clip: Clip, lines: readonly TrackLine[], tracklets: readonly TrackletRecord[]): string[] {
  const shown = new Set(tracklets.filter((t) => t.confirmed).map((t) => t.localId));
  const sums = new Map<number, { frames: number; any: number; perTrack: Map<number, number> }>();
  for (const line of lines) {
    const masks = line.objects.filter((o) => shown.has(o.localId)).map((o) => ({ id: o.localId, rle: fromCocoRle(o.rle) }));
    for (const [value, truth] of clip.truth(line.position)) {
      if (isEmptyRle(truth)) continue;
      const sum = sums.get(value) ?? { frames: 0, any: 0, perTrack: new Map<number, number>() };
      sums.set(value, sum);
      sum.frames++;
      let any = 0;
      for (const { id, rle } of masks) {
        const j = rleIou(rle, truth);
        any = Math.max(any, j);
        sum.perTrack.set(id, (sum.perTrack.get(id) ?? 0) + j);
      }
      sum.any += any;
    }
  }
  return [...sums].sort(([a], [b]) => a - b).map(([value, { frames, any, perTrack }]) => {
    const [id, total] = [...perTrack].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
    return `object ${value}: best-track J ${(total / frames).toFixed(3)} (track ${id}), any-mask J ${(any / frames).toFixed(3)}, ${frames} frames`;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      clip: { type: 'string' },
      bundle: { type: 'string' },
      preset: { type: 'string', default: 'draft' },
      frames: { type: 'string', default: '40' },
      tracker: { type: 'string', default: 'prompt' },
      every: { type: 'string' },
      first: { type: 'string', default: '0' },
      max: { type: 'string', default: '40' },
      cache: { type: 'string', default: '/tmp/vamg-tracking-study' },
    },
  });
  if (!values.clip) throw new Error('--clip is needed');
  const preset = PRESET_NAMES.find((name) => name === values.preset);
  if (!preset) throw new Error(`no preset ${values.preset}`);
  const tracker = trackingOptionsSchema.shape.tracker.parse(values.tracker);
  const every = tracker === 'iou' ? 1 : values.every ? Number(values.every) : undefined;
  const options = resolveSegmentOptions({ preset, tracking: { tracker, maxObjects: Number(values.max), ...(every ? { detectEvery: every } : {}) } });
  const bundle = await openStudyBundle(values.bundle);
  const model = cacheEmbeddings(await createSamModel(bundle, options.inputSize), values.cache, encoderIdentity(bundle, options.inputSize));
  const memory = tracker === 'memory' ? await createMemoryModel(bundle) : undefined;
  const clip = await openClip(values.clip);
  const study: Study = { clip, cache: values.cache, options };
  const first = Number(values.first);
  const count = Math.min(Number(values.frames), clip.frames - first);
  const detections = new Map<number, DetectionLine>();
  const detectedAt = performance.now();
  let position = first;
  for await (const image of clip.images(first, first + count)) {
    if ((position - first) % options.tracking.detectEvery === 0) detections.set(position, await detect(study, model, position, image));
    position++;
  }
  const detectSeconds = (performance.now() - detectedAt) / 1000;
  const inferenceMs = (): number => model.inferenceMs() + (memory?.inferenceMs() ?? 0);
  const before = inferenceMs();
  const { lines, tracklets, seconds } = await trackClip({ clip, first, frames: count, segmenter: model, options: options.tracking, detections, ...(memory ? { memory } : {}) });
  const objects = lines.reduce((sum, line) => sum + line.objects.length, 0) / Math.max(1, lines.length);
  console.log(`${clip.name} ${preset} ${tracker}: ${count} frames, tracking ${(seconds / count).toFixed(2)} s/frame (networks ${((inferenceMs() - before) / 1000 / count).toFixed(2)}), detection ${(detectSeconds / detections.size).toFixed(2)} s each, ${objects.toFixed(1)} objects and ${(model.promptCount() / count).toFixed(1)} prompts per frame, ${tracklets.length} tracklets, ${tracklets.filter((t) => t.confirmed).length} confirmed`);
  for (const row of scoreTracks(clip, lines, tracklets)) console.log(`  ${row}`);
  await memory?.dispose();
  await model.dispose();
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
