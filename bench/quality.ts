/**
 * How well masks hold that are given on the first frame: J per object and clip (mean over the later frames on which the truth shows
 * the object), at full resolution over whole clips, trackers side by side; and seconds per frame for 1, 5, 15 and 50 objects. Prints
 * markdown. Embeddings are cached on disk and shared by the trackers. `memory-plain` is `memory --no-sharpen`.
 *
 *   npm run bench:quality -- --data DIR [--clips davis16,pumavos] [--trackers prompt,memory] [--preset balanced] [--device cpu] [--frames N] [--no-speed]
 */
import { parseArgs } from 'node:util';
import { PRESETS } from '../contracts/presets';
import { resolveSegmentOptions, type TrackingOptions } from '../contracts/segment-options';
import { fromCocoRle } from '../core/mask/rle-string';
import { emptyRle, isEmptyRle } from '../core/mask/rle';
import type { Rle } from '../core/mask/types';
import { regionSimilarity } from '../core/metrics/region-similarity';
import type { Clip } from './study/clip';
import { head, mean, row } from './study/markdown';
import { measureSpeed } from './study/measure-speed';
import { BENCH_OPTIONS, openClips, openNetworks, presetOf, type Networks } from './study/open-bench';
import { trackClip, type ClipTracks } from './study/run-clip';

const OBJECT_COUNTS = [1, 5, 15, 50];
const VARIANTS = { prompt: { tracker: 'prompt' }, memory: { tracker: 'memory', sharpen: true }, 'memory-plain': { tracker: 'memory', sharpen: false } } as const;
type Variant = keyof typeof VARIANTS;

interface Bench extends Networks {
  readonly variants: readonly Variant[];
  readonly frames: number;
}

function optionsOf(variant: Variant): TrackingOptions {
  return resolveSegmentOptions({ tracking: VARIANTS[variant] }).tracking;
}

/** Mean J of each given object over the frames after the first that show it. */
function scoreObjects(clip: Clip, { lines }: ClipTracks, given: ReadonlyMap<number, Rle>): Map<number, number> {
  const scores = new Map<number, number[]>([...given.keys()].map((id) => [id, []]));
  for (const { position, objects } of lines.slice(1)) {
    const truth = clip.truth(position);
    for (const [id, list] of scores) {
      const expected = truth.get(id);
      if (!expected || isEmptyRle(expected)) continue;
      const found = objects.find(({ localId }) => localId === id);
      list.push(regionSimilarity(found ? fromCocoRle(found.rle) : emptyRle(expected.width, expected.height), expected));
    }
  }
  return new Map([...scores].map(([id, list]) => [id, mean(list)]));
}

async function qualityTable(clips: readonly Clip[], bench: Bench): Promise<void> {
  const columns = ['clip', 'frames', 'objects', ...bench.variants.map((name) => `J ${name}`), ...bench.variants.map((name) => `s/frame ${name}`)];
  for (const line of head(columns)) console.log(line);
  const means = bench.variants.map((): number[] => []);
  for (const clip of clips) {
    const given = clip.truth(0);
    const frames = Math.min(clip.frames, bench.frames);
    const cells: string[] = [];
    const times: string[] = [];
    for (const [v, variant] of bench.variants.entries()) {
      const { segmenter, memory } = bench;
      const tracks = await trackClip({ clip, first: 0, frames, segmenter, options: optionsOf(variant), detections: new Map(), given, ...(memory ? { memory } : {}) });
      const scores = [...scoreObjects(clip, tracks, given).values()];
      means[v]!.push(mean(scores));
      cells.push(`${mean(scores).toFixed(3)}${scores.length > 1 ? ` (${scores.map((score) => score.toFixed(2)).join(' ')})` : ''}`);
      times.push((tracks.seconds / frames).toFixed(2));
    }
    console.log(row(clip.name, frames, given.size, ...cells, ...times));
  }
  console.log(row('**mean**', '', '', ...means.map((values) => `**${mean(values).toFixed(3)}**`), ...bench.variants.map(() => '')));
}

async function speedTable(clip: Clip, bench: Bench): Promise<void> {
  const { segmenter, memory } = bench;
  console.log(`\nSeconds per frame after the encoder (${clip.name}), by number of objects:\n`);
  for (const line of head(['tracker', ...OBJECT_COUNTS])) console.log(line);
  for (const variant of bench.variants) {
    const times: string[] = [];
    for (const objects of OBJECT_COUNTS) times.push((await measureSpeed({ clip, objects, segmenter, options: optionsOf(variant), ...(memory ? { memory } : {}) })).toFixed(3));
    console.log(row(variant, ...times));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...BENCH_OPTIONS,
      clips: { type: 'string', default: 'davis16,pumavos-chair,mix-hike' },
      trackers: { type: 'string', default: 'prompt,memory' },
      speed: { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  const clips = await openClips(values.data, values.clips);
  const networks = await openNetworks(values, PRESETS[presetOf(values.preset)].inputSize);
  const variants = values.trackers.split(',').filter((name): name is Variant => name in VARIANTS);
  const bench = { ...networks, variants, frames: Number(values.frames) };
  await qualityTable(clips, bench);
  if (values.speed) await speedTable(clips[0]!, bench);
  await networks.dispose();
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
