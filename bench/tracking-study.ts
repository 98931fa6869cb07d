/**
 * Experiment driver for the trackers: runs trackChunk in this process over one clip with truth and prints best-track J and
 * time per frame. Detections and embeddings are cached on disk, so that a second run with other settings is quick.
 *
 *   npm run bench:tracking -- --clip DIR --bundle DIR [--preset draft] [--frames 40] [--tracker prompt] [--cache DIR]
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeIndexedPng } from '../adapters/png/indexed-png';
import { readImageRgb } from '../adapters/png/png';
import type { DetectionLine, TrackLine, TrackletRecord } from '../contracts/artefacts';
import { PRESET_NAMES } from '../contracts/presets';
import { resolveSegmentOptions, type SegmentOptions } from '../contracts/segment-options';
import type { ImageEmbedding, PromptableSegmenter, RgbImage } from '../contracts/segmenter';
import { generateMasks } from '../core/amg/automatic-mask-generator';
import { encodeRle, isEmptyRle } from '../core/mask/rle';
import { rleIou } from '../core/mask/rle-ops';
import { fromCocoRle, toCocoRle } from '../core/mask/rle-string';
import type { Rle } from '../core/mask/types';
import { trackChunk } from '../core/tracking/chunk-tracker';
import { createTrackerSession } from '../core/tracking/create-session';
import { parseBundleManifest } from '../models/bundles/bundle-manifest';
import { createSamModel } from '../models/sam/sam-model';

interface Study {
  readonly clip: string;
  readonly cache: string;
  readonly frames: number;
  readonly options: SegmentOptions;
}

function loadFrame(clip: string, position: number): Promise<RgbImage> {
  return readImageRgb(join(clip, 'frames', `${String(position).padStart(5, '0')}.jpg`));
}

/** Truth masks of a frame by palette value, 0 left out. */
function loadTruth(clip: string, position: number): Map<number, Rle> {
  const { width, height, data } = decodeIndexedPng(readFileSync(join(clip, 'masks', `${String(position).padStart(5, '0')}.png`)));
  const values = [...new Set(data)].filter((value) => value > 0);
  return new Map(values.map((value) => [value, encodeRle({ width, height, data: Uint8Array.from(data, (v) => (v === value ? 1 : 0)) })]));
}

/** Prompts given to the trackers' decoder so far. */
let promptCount = 0;

/** Encoder output from disk where an earlier run left it. The key is the picture. */
function cachingSegmenter(model: PromptableSegmenter, cache: string): PromptableSegmenter {
  return {
    inputSize: model.inputSize,
    encode: async (image, signal): Promise<ImageEmbedding> => {
      const key = createHash('sha256').update(image.data).digest('hex').slice(0, 24);
      const file = join(cache, `${key}-${model.inputSize}.emb`);
      const shape = join(cache, `${key}-${model.inputSize}.json`);
      if (existsSync(file) && existsSync(shape)) {
        const bytes = readFileSync(file);
        const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
        return { ...(JSON.parse(readFileSync(shape, 'utf8')) as Omit<ImageEmbedding, 'data'>), data };
      }
      const embedding = await model.encode(image, signal);
      const { data, ...rest } = embedding;
      writeFileSync(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      writeFileSync(shape, JSON.stringify(rest));
      return embedding;
    },
    decode: (embedding, prompts, signal) => {
      promptCount += prompts.count;
      return model.decode(embedding, prompts, signal);
    },
    decodePoints: (embedding, prompts, signal) => model.decodePoints(embedding, prompts, signal),
    inferenceMs: () => model.inferenceMs(),
    dispose: () => model.dispose(),
  };
}

async function detect(study: Study, model: PromptableSegmenter, position: number): Promise<DetectionLine> {
  const { options, cache } = study;
  const key = createHash('sha256').update(JSON.stringify([options.amg, options.inputSize])).digest('hex').slice(0, 8);
  const file = join(cache, `${basename(study.clip)}-${position}-${key}.det.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DetectionLine;
  const image = await loadFrame(study.clip, position);
  const records = await generateMasks(model, image, options.amg, { embedding: await model.encode(image), exact: false });
  const masks = records.map((r) => ({ rle: { size: [r.rle.height, r.rle.width] as [number, number], counts: toCocoRle(r.rle).counts }, predictedIou: r.predictedIou, stabilityScore: r.stabilityScore, point: [...r.pointCoords] as [number, number] }));
  const line: DetectionLine = { position, hash: String(position), masks };
  writeFileSync(file, JSON.stringify(line));
  return line;
}

/** Mean over the frames with truth of the best single track's IoU, and of the best mask of any track. */
function scoreTracks(clip: string, lines: readonly TrackLine[], tracklets: readonly TrackletRecord[]): string[] {
  const shown = new Set(tracklets.filter((t) => t.confirmed).map((t) => t.localId));
  const sums = new Map<number, { frames: number; any: number; perTrack: Map<number, number> }>();
  for (const line of lines) {
    const masks = line.objects.filter((o) => shown.has(o.localId)).map((o) => ({ id: o.localId, rle: fromCocoRle(o.rle) }));
    for (const [value, truth] of loadTruth(clip, line.position)) {
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
  if (!values.clip || !values.bundle) throw new Error('--clip and --bundle are needed');
  const { manifest, sha256 } = parseBundleManifest(readFileSync(join(values.bundle, 'bundle.json'), 'utf8'), 'bundle');
  const preset = PRESET_NAMES.find((name) => name === values.preset);
  if (!preset) throw new Error(`no preset ${values.preset}`);
  const tracker = values.tracker === 'iou' ? 'iou' : 'prompt';
  const every = tracker === 'iou' ? 1 : values.every ? Number(values.every) : undefined;
  const options = resolveSegmentOptions({ preset, tracking: { tracker, maxObjects: Number(values.max), ...(every ? { detectEvery: every } : {}) } });
  mkdirSync(values.cache, { recursive: true });
  const first = Number(values.first);
  const count = Math.min(Number(values.frames), readdirSync(join(values.clip, 'frames')).length - first);
  const study: Study = { clip: values.clip, cache: values.cache, frames: count, options };
  const model = cachingSegmenter(await createSamModel({ name: manifest.name, sha256, manifest, directory: values.bundle }, options.inputSize), values.cache);
  const detections = new Map<number, DetectionLine>();
  const detectedAt = performance.now();
  for (let p = 0; p < count; p += options.tracking.detectEvery) detections.set(first + p, await detect(study, model, first + p));
  const detectSeconds = (performance.now() - detectedAt) / 1000;
  const before = model.inferenceMs();
  const startedAt = performance.now();
  const lines: TrackLine[] = [];
  let tracklets: readonly TrackletRecord[] = [];
  const frames = async function* (): AsyncGenerator<{ position: number; image: RgbImage; hash: string }> {
    for (let p = first; p < first + count; p++) yield { position: p, image: await loadFrame(study.clip, p), hash: String(p) };
  };
  const input = {
    frames: frames(),
    detections: (position: number) => detections.get(position),
    segmenter: model,
    options: options.tracking,
    createSession: createTrackerSession(tracker, { segmenter: model }),
    sceneCuts: new Set<number>(),
  };
  for await (const event of trackChunk(input)) {
    if (event.kind === 'lines') {
      lines.push(...event.lines);
      if (process.env['VERBOSE']) console.log(event.position, event.lines.length, 'lines', event.lines.at(-1)?.objects.length, 'objects', event.checkpoint.length, 'bytes', ((performance.now() - startedAt) / 1000).toFixed(1));
    } else tracklets = event.tracklets;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const objects = lines.reduce((sum, line) => sum + line.objects.length, 0) / Math.max(1, lines.length);
  console.log(`${basename(study.clip)} ${preset} ${tracker}: ${count} frames, tracking ${(seconds / count).toFixed(2)} s/frame (networks ${((model.inferenceMs() - before) / 1000 / count).toFixed(2)}), detection ${(detectSeconds / detections.size).toFixed(2)} s each, ${objects.toFixed(1)} objects and ${(promptCount / count).toFixed(1)} prompts per frame, ${tracklets.length} tracklets, ${tracklets.filter((t) => t.confirmed).length} confirmed`);
  for (const row of scoreTracks(study.clip, lines, tracklets)) console.log(`  ${row}`);
  await model.dispose();
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
