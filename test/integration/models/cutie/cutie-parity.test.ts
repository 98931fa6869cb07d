import type { CutieNetwork, CutieSettings } from '../../../../contracts/cutie-network';
import type { PromptableSegmenter } from '../../../../contracts/segmenter';
import { rleArea } from '../../../../core/mask/rle';
import { rleIntersectionArea } from '../../../../core/mask/rle-ops';
import type { CutieMemory } from '../../../../core/tracking/cutie/cutie-memory';
import { CutieTracker } from '../../../../core/tracking/cutie/cutie-tracker';
import type { TrackedMask, TrackFrame } from '../../../../core/tracking/types';
import { createCutieModel, type CutieModel } from '../../../../models/cutie/cutie-model';
import { golden, goldenBundle, goldenImage, goldenRle, largestDifference, spanOf, type GoldenMemory } from './cutie-golden';

let model: CutieModel;
beforeAll(async () => (model = await createCutieModel(goldenBundle(), { intraOpThreads: 1 })));
afterAll(() => model.dispose());

/** The networks under other settings. */
function withSettings(settings: CutieSettings): CutieNetwork {
  return new Proxy<CutieNetwork>(model, {
    get(target, name) {
      if (name === 'settings') return settings;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const frameOf = async (position: number): Promise<TrackFrame> => ({ position, image: await goldenImage(position), embedding: (): ReturnType<PromptableSegmenter['encode']> => Promise.reject(new Error('not needed')) });

function join(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

/** The largest difference of anything that is remembered. */
function compareMemories(ours: CutieMemory, theirs: GoldenMemory): number {
  let worst = 0;
  const compare = (a: Float32Array, span: readonly [number, number], unit = 1): void => {
    worst = Math.max(worst, largestDifference(a, spanOf(span)) / unit);
  };
  expect([...ours.objects.keys()].sort()).toEqual(theirs.objects.map(({ id }) => id).sort());
  for (const { id, sensory, summaries } of theirs.objects) {
    const state = ours.objects.get(id)!;
    compare(state.sensory, sensory);
    // Sums over hundreds of places.
    const unit = spanOf(summaries).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    compare(state.summaries!, summaries, unit);
  }
  expect(ours.buckets.map(({ objects, stores }) => ({ objects, sizes: stores.map(({ count }) => count) }))).toEqual(theirs.buckets.map(({ objects, sizes }) => ({ objects, sizes })));
  theirs.buckets.forEach(({ objects, keys, shrinkage, values, usage }, i) => {
    const { stores, long, work } = ours.buckets[i]!;
    compare(join(stores.map((store) => store.keys)), keys);
    compare(join(stores.map((store) => store.shrinkage)), shrinkage);
    objects.forEach((id, j) => compare(join(stores.map((store) => store.values.get(id) ?? new Float32Array(0))), values[j]!));
    const counted = [long, work].filter(({ count }) => count > 0);
    usage.forEach((span, j) => compare(counted[j]!.use.map((use, k) => use / counted[j]!.life[k]!), span));
  });
  return worst;
}

describe('the Cutie tracker against the Python original, same weights', () => {
  it.each(Object.entries(golden.runs))('gives its logits within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, { settings, lines }) => {
    let logits = new Map<number, Float32Array>();
    let expected: GoldenMemory | undefined;
    const worst = { logits: 0, memory: 0, pixels: 0 };
    const compared = { logits: 0, memories: 0 };
    const session = new CutieTracker({
      network: withSettings(settings),
      onFrame: (frame) => (logits = new Map(frame.logits)),
      onLeave: (memory) => {
        if (!expected) return;
        worst.memory = Math.max(worst.memory, compareMemories(memory, expected));
        compared.memories++;
      },
    });
    for (const [i, { frame, given, known, logits: theirs, found, removed, memory }] of lines.entries()) {
      const trackFrame = await frameOf(frame);
      const ours: TrackedMask[] = i === 0 ? (await session.start(trackFrame), []) : await session.step(trackFrame);
      expect(ours.map(({ objectId }) => objectId)).toEqual(i === 0 ? [] : known);
      if (theirs) {
        worst.logits = Math.max(worst.logits, largestDifference(join(known.map((id) => logits.get(id)!)), spanOf(theirs)));
        compared.logits++;
      }
      // Where objects are given, upstream's answer has them already.
      if (given.length === 0)
        for (const { objectId, rle } of ours) {
          const mask = goldenRle(found.find(({ object }) => object === objectId)!.counts);
          worst.pixels = Math.max(worst.pixels, rleArea(mask) + rleArea(rle) - 2 * rleIntersectionArea(mask, rle));
        }
      await session.addObjects(given.map(({ object, counts }) => ({ objectId: object, rle: goldenRle(counts), score: 1 })));
      session.removeObjects(removed);
      expected = memory;
    }
    expect(compared.logits).toBe(lines.length - 1);
    expect(compared.memories).toBeGreaterThanOrEqual(2);
    expect(worst.logits).toBeLessThan(1e-3);
    expect(worst.memory).toBeLessThan(1e-4);
    expect(worst.pixels).toBeLessThanOrEqual(2);
  });
});
