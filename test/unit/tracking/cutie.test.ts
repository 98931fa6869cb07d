import { cutieSettingsSchema, type CutieFrame, type CutieSettings } from '../../../contracts/cutie-network';
import { rleArea } from '../../../core/mask/rle';
import { CutieMemory } from '../../../core/tracking/cutie/cutie-memory';
import { layoutOf, maskOnLayout } from '../../../core/tracking/token-memory/padded-layout';
import { masksOfProbabilities, othersOf } from '../../../core/tracking/token-memory/soft-masks';
import { staggeredTimes } from '../../../core/tracking/cutie/stagger';
import { TokenStore } from '../../../core/tracking/token-memory/token-store';

const SETTINGS = cutieSettingsSchema.parse({
  max_internal_size: -1, mem_every: 5, stagger_updates: 5, top_k: 30, chunk_size: -1, use_long_term: true, max_mem_frames: 5,
  long_term: { max_mem_frames: 10, min_mem_frames: 5, num_prototypes: 8, max_num_tokens: 40, buffer_tokens: 6 },
  pixel_dim: 1, key_dim: 1, value_dim: 1, sensory_dim: 1, embed_dim: 1, num_queries: 2, up_dims: [1, 1, 1],
});
const CELLS = 6;

function frameOf(t: number): CutieFrame {
  const numbers = (): Float32Array => Float32Array.from({ length: CELLS }, (_, i) => t + i / 10);
  const none = new Float32Array(0);
  return { picture: { data: none, width: 48, height: 32 }, rows: 2, columns: 3, pixFeat: none, stride8: none, stride4: none, key: numbers(), shrinkage: new Float32Array(CELLS).fill(1), selection: new Float32Array(CELLS).fill(0.5) };
}

/** Remembers frames from..to for these objects; every token of the last frame is read once a frame. */
function remember(memory: CutieMemory, from: number, to: number, ids: readonly number[]): void {
  for (let t = from; t <= to; t++) memory.add(frameOf(t), new Map(ids.map((id) => [id, new Float32Array(CELLS).fill(t)])));
}

const sizes = (memory: CutieMemory): number[][] => memory.buckets.map(({ stores }) => stores.map(({ count }) => count / CELLS));

describe("Cutie's memory", () => {
  it('is the first frame for good, the last ones, and prototypes of older ones', () => {
    const memory = new CutieMemory(SETTINGS);
    remember(memory, 0, 9, [1, 2]);
    expect(sizes(memory)).toEqual([[8 / CELLS, 1, 4]]);
    const { permanent, work } = memory.buckets[0]!;
    expect([permanent.keys[0], work.keys[0]]).toEqual([0, 6]);
    expect(memory.buckets[0]!.long.values.get(2)).toHaveLength(8);
  });

  it('without long-term memory is the first frame and the last ones', () => {
    const memory = new CutieMemory({ ...SETTINGS, use_long_term: false });
    remember(memory, 0, 50, [1]);
    expect(sizes(memory)).toEqual([[0, 1, 4]]);
    expect(memory.buckets[0]!.work.keys[0]).toBe(47);
  });

  it.each([true, false])('holds no more after 5000 frames than after 100, for 100 objects (long-term memory: %s)', (use_long_term) => {
    const memory = new CutieMemory({ ...SETTINGS, use_long_term } satisfies CutieSettings);
    const ids = Array.from({ length: 100 }, (_, i) => i + 1);
    let most = 0;
    for (let t = 0; t < 5000; t++) {
      remember(memory, t, t, ids);
      const total = memory.buckets[0]!.stores.reduce((sum, { count }) => sum + count, 0);
      if (t === 100) expect(most).toBeGreaterThan(0);
      if (t <= 100) most = Math.max(most, total);
      else expect(total).toBeLessThanOrEqual(most);
    }
  });

  it('gives objects that come together a bucket of their own, and forgets objects and empty buckets', () => {
    const memory = new CutieMemory(SETTINGS);
    remember(memory, 0, 1, [1, 2]);
    remember(memory, 2, 2, [1, 2, 3]);
    expect(memory.buckets.map(({ objects }) => objects)).toEqual([[1, 2], [3]]);
    expect(sizes(memory)).toEqual([[0, 1, 2], [0, 1, 0]]);
    memory.remove([3, 1]);
    expect(memory.buckets.map(({ objects }) => objects)).toEqual([[2]]);
    expect(memory.buckets[0]!.work.values.has(1)).toBe(false);
  });

  it('keeps the tokens that are most read for the time they have been there', () => {
    const store = new TokenStore();
    const one = (key: number): void => store.append({ count: 1, keys: Float32Array.of(key), shrinkage: Float32Array.of(1), selection: new Float32Array(0), values: new Map() });
    [1, 2].forEach(one);
    store.countUse(Float64Array.of(0.5, 0.2), 0);
    one(3);
    store.countUse(Float64Array.of(9, 0.1, 0.2, 0.4), 1);
    store.keep(store.mostUsed(2));
    expect(Array.from(store.keys)).toEqual([3, 1]);
  });
});

describe("Cutie's masks", () => {
  it('share every place, also where given masks overlap', () => {
    const { background, objects } = masksOfProbabilities([Float32Array.of(1, 1, 0), Float32Array.of(0, 1, 0)], 3);
    [0, 1, 2].forEach((i) => expect(background[i]! + objects[0]![i]! + objects[1]![i]!).toBeCloseTo(1));
    expect([objects[0]![0]! > 0.99, background[2]! > 0.99]).toEqual([true, true]);
    expect(objects[0]![1]).toBeCloseTo(0.5);
    expect(Array.from(othersOf([Float32Array.of(0.25), Float32Array.of(0.5), Float32Array.of(0.75)])[0]!)).toEqual([1]);
  });

  it('are padded on both sides, made smaller by the shorter side, and never lost', () => {
    expect(layoutOf({ width: 854, height: 480 }, 480)).toMatchObject({ innerWidth: 854, innerHeight: 480, left: 5, top: 0, width: 864, height: 480 });
    const layout = layoutOf({ width: 1920, height: 1080 }, 480);
    expect(layout).toMatchObject({ innerWidth: 853, innerHeight: 480, left: 5, width: 864 });
    const pixel = { width: 1920, height: 1080, counts: Uint32Array.of(1080 * 7 + 1, 1, 1920 * 1080 - 1080 * 7 - 2) };
    expect(maskOnLayout(pixel, layout).filter((value) => value > 0)).toHaveLength(1);
  });

  it('are empty and absent where the background is likelier', () => {
    const layout = layoutOf({ width: 16, height: 16 }, -1);
    const plane = (value: number): Float32Array => new Float32Array(256).fill(value);
    const found = answerOf([4, 7], { background: plane(0.3), objects: [plane(0.1), plane(0.6)] }, layout);
    expect(found.map(({ objectId, present, rle }) => [objectId, present, rleArea(rle)])).toEqual([[4, false, 0], [7, true, 256]]);
    expect([found[0]!.score, found[1]!.score]).toEqual([0, expect.closeTo(0.6)]);
  });
});

it('updates of the sensory memory are spread as NumPy rounds them', () => {
  expect([...staggeredTimes(5, 5)]).toEqual([1, 2, 3, 4, 5]);
  expect([...staggeredTimes(10, 5)]).toEqual([1, 3, 6, 8, 10]);
  expect([...staggeredTimes(3, 1)]).toEqual([1]);
});
