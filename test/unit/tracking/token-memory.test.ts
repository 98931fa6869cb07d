import type { TokenFrame } from '../../../contracts/token-network';
import { rleArea } from '../../../core/mask/rle';
import { answerOf } from '../../../core/tracking/token-memory/answer';
import { layoutOf, maskOnLayout, toPaddedPicture, type PaddingRules } from '../../../core/tracking/token-memory/padded-layout';
import { masksOfProbabilities, othersOf } from '../../../core/tracking/token-memory/soft-masks';
import { TokenMemory, type TokenRules } from '../../../core/tracking/token-memory/token-memory';
import { TokenStore } from '../../../core/tracking/token-memory/token-store';

const CELLS = 6;
const RULES: TokenRules = { keyDim: 1, valueDim: 1, hasLongTerm: true, maxFrames: 10, minFrames: 5, prototypes: 8, makeRoom: (long) => long.count > 32 && long.keep(long.mostUsed(26)) };

function frameOf(t: number): TokenFrame {
  const numbers = (): Float32Array => Float32Array.from({ length: CELLS }, (_, i) => t + i / 10);
  return { picture: { data: new Float32Array(0), width: 48, height: 32 }, rows: 2, columns: 3, key: numbers(), shrinkage: new Float32Array(CELLS).fill(1), selection: new Float32Array(CELLS).fill(0.5) };
}

/** Remembers frames from..to for these objects. */
function remember(memory: TokenMemory<unknown>, from: number, to: number, ids: readonly number[]): void {
  for (let t = from; t <= to; t++) memory.add(frameOf(t), new Map(ids.map((id) => [id, new Float32Array(CELLS).fill(t)])));
}

const sizes = (memory: TokenMemory<unknown>): number[][] => memory.buckets.map(({ stores }) => stores.map(({ count }) => count / CELLS));

describe('token memory', () => {
  it('is the first frame for good, the last ones, and prototypes of older ones', () => {
    const memory = new TokenMemory(RULES);
    remember(memory, 0, 9, [1, 2]);
    expect(sizes(memory)).toEqual([[8 / CELLS, 1, 4]]);
    const { permanent, work } = memory.buckets[0]!;
    expect([permanent.keys[0], work.keys[0]]).toEqual([0, 6]);
    expect(memory.buckets[0]!.long.values.get(2)).toHaveLength(8);
  });

  it('without long-term memory is the first frame and the last ones', () => {
    const memory = new TokenMemory({ ...RULES, hasLongTerm: false, maxFrames: 5 });
    remember(memory, 0, 50, [1]);
    expect(sizes(memory)).toEqual([[0, 1, 4]]);
    expect(memory.buckets[0]!.work.keys[0]).toBe(47);
  });

  it.each([true, false])('holds no more after 5000 frames than after 100, for 100 objects (long-term memory: %s)', (hasLongTerm) => {
    const memory = new TokenMemory({ ...RULES, hasLongTerm });
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
    const memory = new TokenMemory(RULES);
    remember(memory, 0, 1, [1, 2]);
    remember(memory, 2, 2, [1, 2, 3]);
    expect(memory.buckets.map(({ objects }) => objects)).toEqual([[1, 2], [3]]);
    expect(sizes(memory)).toEqual([[0, 1, 2], [0, 1, 0]]);
    memory.remove([3, 1]);
    expect(memory.buckets.map(({ objects }) => objects)).toEqual([[2]]);
    expect(memory.buckets[0]!.work.values.has(1)).toBe(false);
  });

  it('keeps the values of an object that came later beside the keys of their own frames', () => {
    const memory = new TokenMemory(RULES);
    remember(memory, 0, 4, [1]);
    remember(memory, 5, 30, [1, 2]);
    for (const store of memory.buckets.flatMap(({ permanent, work }) => [permanent, work]))
      for (const values of store.values.values()) expect(Array.from(values)).toEqual(Array.from(store.keys, (key) => Math.floor(key + 1e-4)));
    expect(memory.buckets.map(({ permanent }) => permanent.keys[0])).toEqual([0, 5]);
  });
});

describe('a store of tokens', () => {
  /** Tokens 1, 2, … of one number each, with these shares of use after one reading. */
  function storeOf(...use: number[]): TokenStore {
    const store = new TokenStore();
    const keys = Float32Array.from(use, (_, i) => i + 1);
    store.append({ count: use.length, keys, shrinkage: keys, selection: new Float32Array(0), values: new Map([[7, keys]]) });
    store.countUse(Float64Array.from(use), 0);
    return store;
  }

  it('keeps the tokens that are most read for the time they have been there', () => {
    const store = storeOf(0.5, 0.2);
    store.append({ count: 1, keys: Float32Array.of(3), shrinkage: Float32Array.of(1), selection: new Float32Array(0), values: new Map([[7, Float32Array.of(3)]]) });
    store.countUse(Float64Array.of(9, 0.1, 0.2, 0.4), 1);
    store.keep(store.mostUsed(2));
    expect(Array.from(store.keys)).toEqual([3, 1]);
  });

  it('forgets the least read ones, with those that are read as little, and leaves the others in order', () => {
    const store = storeOf(0.4, 0.1, 0.9, 0.2, 0.2);
    store.forgetLeastUsed(5);
    expect(store.count).toBe(5);
    store.forgetLeastUsed(4);
    expect(Array.from(store.keys)).toEqual([1, 3, 4, 5]);
    store.forgetLeastUsed(3);
    expect([Array.from(store.keys), Array.from(store.values.get(7)!), store.use.length]).toEqual([[1, 3], [1, 3], 2]);
  });
});

describe('masks of which each place has one', () => {
  const RULES_OF_SIZE = (shorterSide: number, more: Partial<PaddingRules> = {}): PaddingRules => ({ shorterSide, enlarges: false, nearest: 'nearest-exact', ground: [0, 0, 0], ...more });

  it('share every place, also where given masks overlap', () => {
    const { background, objects } = masksOfProbabilities([Float32Array.of(1, 1, 0), Float32Array.of(0, 1, 0)], 3);
    [0, 1, 2].forEach((i) => expect(background[i]! + objects[0]![i]! + objects[1]![i]!).toBeCloseTo(1));
    expect([objects[0]![0]! > 0.99, background[2]! > 0.99]).toEqual([true, true]);
    expect(objects[0]![1]).toBeCloseTo(0.5);
    expect(Array.from(othersOf([Float32Array.of(0.25), Float32Array.of(0.5), Float32Array.of(0.75)])[0]!)).toEqual([1]);
  });

  it('are padded on both sides, made smaller by the shorter side, and never lost', () => {
    expect(layoutOf({ width: 854, height: 480 }, RULES_OF_SIZE(480))).toMatchObject({ innerWidth: 854, innerHeight: 480, left: 5, top: 0, width: 864, height: 480 });
    const layout = layoutOf({ width: 1920, height: 1080 }, RULES_OF_SIZE(480));
    expect(layout).toMatchObject({ innerWidth: 853, innerHeight: 480, left: 5, width: 864 });
    const pixel = { width: 1920, height: 1080, counts: Uint32Array.of(1080 * 7 + 1, 1, 1920 * 1080 - 1080 * 7 - 2) };
    expect(maskOnLayout(pixel, layout).filter((value) => value > 0)).toHaveLength(1);
  });

  it('are made larger where that is wanted, but a line of pixels not without end', () => {
    const larger = RULES_OF_SIZE(480, { enlarges: true });
    expect(layoutOf({ width: 320, height: 240 }, RULES_OF_SIZE(480))).toMatchObject({ innerWidth: 320, innerHeight: 240 });
    expect(layoutOf({ width: 320, height: 240 }, larger)).toMatchObject({ innerWidth: 640, innerHeight: 480 });
    expect(layoutOf({ width: 3840, height: 8 }, larger)).toMatchObject({ innerWidth: 15360, innerHeight: 32 });
    expect(layoutOf({ width: 320, height: 240 }, { ...larger, shorterSide: -1 })).toMatchObject({ innerWidth: 320, innerHeight: 240 });
  });

  it("take PyTorch's nearest pixels, by corners or by centres", () => {
    // Columns 0..4 of one row: 0 1 0 1 1.
    const rle = { width: 5, height: 1, counts: Uint32Array.of(1, 1, 1, 2) };
    const row = (nearest: PaddingRules['nearest']): number[] => {
      const layout = { ...layoutOf(rle, RULES_OF_SIZE(-1, { nearest })), innerWidth: 3, left: 0, width: 16 };
      return Array.from(maskOnLayout(rle, layout).subarray(layout.top * 16, layout.top * 16 + 3));
    };
    // torch.nn.functional.interpolate(torch.tensor([[[0., 1, 0, 1, 1]]]), 3, mode=...)
    expect(row('nearest')).toEqual([0, 1, 1]);
    expect(row('nearest-exact')).toEqual([0, 0, 1]);
  });

  it('lie in a picture with the ground around it', () => {
    const layout = layoutOf({ width: 1, height: 1 }, RULES_OF_SIZE(-1, { ground: [0.25, 0.5, 0.75] }));
    const { data } = toPaddedPicture({ width: 1, height: 1, data: Uint8Array.of(255, 0, 51) }, layout);
    const at = layout.top * 16 + layout.left;
    expect([data[0], data[256], data[512]]).toEqual([0.25, 0.5, 0.75]);
    expect([data[at], data[256 + at], data[512 + at]]).toEqual([1, 0, expect.closeTo(0.2)]);
  });

  it('are empty and absent where the background is likelier', () => {
    const layout = layoutOf({ width: 16, height: 16 }, RULES_OF_SIZE(-1));
    const plane = (value: number): Float32Array => new Float32Array(256).fill(value);
    const found = answerOf([4, 7], { background: plane(0.3), objects: [plane(0.1), plane(0.6)] }, layout);
    expect(found.map(({ objectId, present, rle }) => [objectId, present, rleArea(rle)])).toEqual([[4, false, 0], [7, true, 256]]);
    expect([found[0]!.score, found[1]!.score]).toEqual([0, expect.closeTo(0.6)]);
  });
});
