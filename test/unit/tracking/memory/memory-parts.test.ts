import fc from 'fast-check';
import { bankLimits, createSchedule, keepForGood, keepForNow, keptFrames } from '../../../../core/tracking/memory/bank-schedule';
import { Competition } from '../../../../core/tracking/memory/competition';
import { packHalfs, unpackHalfs } from '../../../../core/tracking/float16';
import { buildQuery, gatherKeys, splitObjects, ValueSpace } from '../../../../core/tracking/memory/memory-query';
import { aggregateLogits, meanConfidence, poolProbabilities } from '../../../../core/tracking/memory/soft-aggregation';
import { MemoryBank, type MemoryFrame, type ObjectMemory } from '../../../../core/tracking/memory/memory-bank';
import { cropFeatures, memoryGridOf } from '../../../../models/memory/memory-grid';

describe('the schedule of remembered frames', () => {
  it('keeps the first given frame, the newest two, the last three, and at most four long-term ones at a doubling distance', () => {
    const schedule = createSchedule();
    keepForGood(schedule, 0);
    for (let frame = 1; frame <= 33; frame++) keepForNow(schedule, frame);
    expect(keptFrames(schedule)).toEqual([0, 8, 16, 24, 31, 32, 33]);
    for (const frame of [33, 20, 40, 41]) keepForGood(schedule, frame);
    expect(schedule.permanent).toEqual([0, 40, 41]);
    for (let frame = 34; frame <= 40; frame++) keepForNow(schedule, frame);
    expect(schedule).toMatchObject({ longTerm: [16, 32], interval: 16 });
    for (let frame = 41; frame <= 64; frame++) keepForNow(schedule, frame);
    expect(schedule.longTerm).toEqual([16, 32, 48, 64]);
  });

  it.each([4, 5, 6, 7, 8, 9, 10])('never keeps more than %i frames, of every kind one at least', (most) => {
    const schedule = createSchedule();
    const limits = bankLimits(most);
    for (let frame = 1; frame <= 2000; frame++) {
      keepForNow(schedule, frame, limits);
      if (frame % 7 === 0) keepForGood(schedule, frame, limits);
      expect(keptFrames(schedule).length).toBeLessThanOrEqual(most);
    }
    expect([schedule.permanent[0], schedule.recent.at(-1)]).toEqual([7, 2000]);
    expect(Math.min(...Object.values(limits))).toBeGreaterThan(0);
  });

  it('is three, three and four of ten', () => {
    expect(bankLimits(10)).toEqual({ permanent: 3, recent: 3, longTerm: 4 });
    expect(bankLimits(6)).toEqual({ permanent: 2, recent: 2, longTerm: 2 });
  });

  it('lets the given frame go that is worth least, of equal ones the eldest, and never the first or the newest', () => {
    const schedule = createSchedule();
    const worth = (frame: number): number => ({ 0: 0, 10: 5, 20: 1, 30: 1, 40: 0 })[frame] ?? 0;
    for (const frame of [0, 10, 20, 30]) keepForGood(schedule, frame, undefined, worth);
    expect(schedule.permanent).toEqual([0, 10, 30]);
    keepForGood(schedule, 40, undefined, worth);
    expect(schedule.permanent).toEqual([0, 10, 40]);
    const two = createSchedule();
    for (const frame of [0, 10, 20]) keepForGood(two, frame, bankLimits(6), worth);
    expect(two.permanent).toEqual([0, 20]);
  });

  it('takes a frame given twice once', () => {
    const schedule = createSchedule();
    keepForGood(schedule, 5);
    keepForGood(schedule, 5);
    expect(schedule.permanent).toEqual([5]);
  });
});

describe('a bank of remembered frames', () => {
  const key = { columns: 2, rows: 1, key: new Uint16Array(2), context: new Uint16Array(2) };
  const seen = (share: number): ObjectMemory => ({ isGiven: true, mask: packHalfs(Float32Array.of(share, 0)), others: new Uint16Array(2), runSize: 1, values: new Uint16Array(4) });

  it('keeps the given frame that alone shows an object, and lets another go', () => {
    const bank = new MemoryBank();
    const step = (index: number, shares: readonly (readonly [id: number, share: number])[]): void => bank.addTracked({ index, key, objects: new Map(shares.map(([id, share]) => [id, seen(share)])) });
    const give = (index: number, id: number): void => bank.addGiven(index, key, new Map([[id, seen(1)]]));
    give(0, 1);
    // Object 2 is given on frame 9, and hidden from then on; on frames 18 and 27 others are given, which stay in sight.
    for (let index = 1; index <= 40; index++) {
      step(index, ([[1, 1], [2, 0.2], [3, 1], [4, 1]] as const).filter(([id]) => index > 9 * (id - 1)));
      if (index % 9 === 0) give(index, 1 + index / 9);
    }
    expect(bank.schedule.permanent).toEqual([0, 9, 36]);
    bank.remove([2]);
    give(40, 6);
    expect(bank.schedule.permanent).toEqual([0, 36, 40]);
    // The first one stays, but not when all that it knew are over.
    bank.remove([1]);
    give(41, 7);
    expect(bank.schedule.permanent).toEqual([36, 40, 41]);
  });
});

describe('memories that go over to another object', () => {
  const key = { columns: 1, rows: 1, key: new Uint16Array(1), context: new Uint16Array(1) };
  const memory = (share: number): ObjectMemory => ({ isGiven: false, mask: packHalfs(Float32Array.of(share)), others: new Uint16Array(1), runSize: 1, values: new Uint16Array(1) });
  const bankOf = (...frames: readonly (readonly [number, readonly (readonly [number, number])[]])[]): MemoryBank => {
    const bank = new MemoryBank();
    for (const [index, objects] of frames) bank.addTracked({ index, key, objects: new Map(objects.map(([id, share]) => [id, memory(share)])) });
    return bank;
  };
  const shares = (bank: MemoryBank): unknown => bank.frames().map(({ index, objects }) => [index, [...objects].sort(([a], [b]) => a - b).map(([id, { mask }]) => [id, unpackHalfs(mask)[0]])]);

  it('are those of its heir, and what is older, where an object goes on as another', () => {
    const bank = bankOf([1, [[1, 0.25]]], [2, [[1, 0.25], [2, 1]]], [3, [[1, 0.25]]]);
    bank.succeed(2, 1);
    expect(shares(bank)).toEqual([[1, [[1, 0.25]]], [2, [[1, 1]]]]);
  });

  it('are forgotten since an object was followed wrongly, but for given ones', () => {
    const bank = bankOf([1, [[1, 0.25], [2, 1]]], [2, [[1, 0.25], [2, 1]]], [3, [[1, 0.25]]]);
    bank.frame(3)!.objects.set(1, { ...bank.frame(3)!.objects.get(1)!, isGiven: true });
    bank.forgetSince(1, 2);
    expect(shares(bank)).toEqual([[1, [[1, 0.25], [2, 1]]], [2, [[2, 1]]], [3, [[1, 0.25]]]]);
  });

  it('change hands where two objects were taken for each other', () => {
    const bank = bankOf([1, [[1, 0.25], [2, 1]]], [2, [[1, 0.25], [2, 1], [3, 0.5]]], [3, [[2, 1]]]);
    bank.exchange(1, 2);
    expect(shares(bank)).toEqual([[1, [[1, 1], [2, 0.25]]], [2, [[1, 1], [2, 0.25], [3, 0.5]]], [3, [[1, 1]]]]);
  });
});

describe('half-precision floats', () => {
  it.each([0, 1, -1, 0.5, 65504, 2 ** -14, 2 ** -24, -0.333251953125])('keeps %p, which is one, exactly', (value) => {
    expect(unpackHalfs(packHalfs(Float32Array.of(value)))[0]).toBe(value);
  });

  it('rounds to the nearest, ties to even, and packs what it unpacked to the same bits', () => {
    expect([...unpackHalfs(packHalfs(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -26, 1e6, -1e6, NaN)))]).toEqual([1, 1 + 2 ** -9, 0, 2 ** -24, 65504, -65504, 0]);
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), (value) => {
        const packed = packHalfs(Float32Array.of(value));
        const back = unpackHalfs(packed)[0]!;
        expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
        expect(packHalfs(Float32Array.of(back))[0]! & 0x7fff).toBe(packed[0]! & 0x7fff);
      }),
    );
  });
});

describe('soft aggregation', () => {
  const logits = [Float32Array.of(4, -3, 0), Float32Array.of(1, -2, 0), Float32Array.of(4, 5, 0)];

  it('gives the odds against the background and all competitors', () => {
    const [first, second] = aggregateLogits(logits.slice(0, 2), [[], []]);
    expect(first![0]).toBeCloseTo(4 - Math.log(1 + Math.E), 5);
    expect(second![0]).toBeCloseTo(1 - Math.log(1 + Math.exp(4)), 5);
    expect(first![2]).toBeCloseTo(-Math.log(2), 5);
  });

  it('lets partners have the same pixels', () => {
    const [first, , third] = aggregateLogits(logits, [[2], [], [0]]);
    expect(first![0]).toBeCloseTo(4 - Math.log(1 + Math.E), 5);
    expect(third![0]).toBeCloseTo(4 - Math.log(1 + Math.E), 5);
  });

  it('stays finite for logits of any size, and leaves a single object as it is', () => {
    const [one] = aggregateLogits([Float32Array.of(1000, -1000, 2)], [[]]);
    expect([...one!].map((value) => Math.round(value * 1000))).toEqual([16118, -16118, 2000]);
    const both = aggregateLogits([Float32Array.of(1e9), Float32Array.of(1e9)], [[], []]);
    expect(both.every((values) => Number.isFinite(values[0]!))).toBe(true);
    expect(aggregateLogits([], [])).toEqual([]);
  });

  it('pools probabilities over 2 x 2 cells and tells how sure a mask is', () => {
    const grid = Float32Array.of(20, 20, -20, -20, 20, 20, 0, 0);
    expect([...poolProbabilities(grid, 2, 1)].map((value) => Math.round(value * 100))).toEqual([100, 25]);
    expect(meanConfidence(grid)).toBeCloseTo(1, 5);
    expect(meanConfidence(Float32Array.of(-1, -2))).toBe(0);
  });
});

describe('competition', () => {
  const left = [1, 1, 0, 0];
  const part = [1, 0, 0, 0];
  const right = [0, 0, 1, 1];

  it('is between objects that began apart, not between part and whole, and forgets removed ones', () => {
    const competition = new Competition();
    const masks = new Map([[1, left], [2, right], [3, part], [4, [0, 0, 0, 0]]]);
    for (const [id, mask] of masks) competition.add(id, mask, masks);
    expect(competition.toLists([1, 2, 3, 4])).toEqual([[3], [], [1], []]);
    competition.add(2, left, masks); // decided once
    expect([...competition.partnersOf(2)]).toEqual([]);
    expect(Competition.fromLists([1, 3], [[3], [1]]).toLists([1, 3])).toEqual([[3], [1]]);
    competition.remove([3]);
    expect([...competition.partnersOf(1)]).toEqual([]);
  });

  it('changes hands where two objects were taken for each other', () => {
    const competition = Competition.fromLists([1, 2, 3, 4], [[3, 4], [4], [1], [1, 2]]);
    competition.exchange(1, 2);
    expect(competition.toLists([1, 2, 3, 4])).toEqual([[4], [3, 4], [2], [1, 2]]);
    competition.exchange(1, 4); // partners of each other stay so
    expect(competition.toLists([1, 2, 3, 4])).toEqual([[2, 4], [1, 3], [2], [1]]);
  });

  it('is decided anew among those that are seen', () => {
    const competition = Competition.fromLists([1, 2, 3, 4], [[2, 4], [1], [], [1]]);
    competition.redecide(1, left, new Map([[1, left], [2, right], [3, part], [4, [0, 0, 0, 0]]]));
    expect(competition.toLists([1, 2, 3, 4])).toEqual([[3, 4], [], [1], [1]]);
  });

  it('is handed over with an object that goes on as another', () => {
    const competition = Competition.fromLists([1, 2, 3, 4], [[2], [1, 3], [2], []]);
    competition.succeed(2, 1);
    expect(competition.toLists([1, 2, 3, 4])).toEqual([[3], [], [1], []]);
  });
});

describe('a query', () => {
  const sizes = { keyChannels: 1, contextChannels: 1, detailChannels: 1, valueChannels: 2 };
  const key = { columns: 2, rows: 1, key: packHalfs(Float32Array.of(1, 2)), context: packHalfs(Float32Array.of(0, 0)) };
  const memory = (value: number, isGiven = false) => ({ isGiven, mask: packHalfs(Float32Array.of(value, 0)), others: new Uint16Array(2), runSize: 1, values: packHalfs(new Float32Array(4).fill(value)) });
  const frames: MemoryFrame[] = [
    { index: 0, key, objects: new Map([[5, memory(1, true)]]) },
    { index: 3, key, objects: new Map([[5, memory(2)], [9, memory(3)]]) },
  ];

  it('is valid only where a frame knows the object', () => {
    const query = { columns: 2, rows: 1, key: new Uint16Array(2), context: new Uint16Array(2), detail: new Uint16Array(8) };
    const space = new ValueSpace();
    space.take(20).fill(0x7bff);
    const built = buildQuery(query, frames, gatherKeys(frames), [5, 9], (id) => frames[1]!.objects.get(id)?.mask, sizes, space);
    expect(built).toMatchObject({ frames: 2, objects: 2 });
    expect([...built.valid]).toEqual([1, 1, 0, 1]);
    expect([...built.given]).toEqual([1, 0, 0, 0]);
    expect([...unpackHalfs(built.memoryKeys)]).toEqual([1, 2, 1, 2]);
    expect([...unpackHalfs(built.memoryValues)]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2, 3, 3, 3, 3]);
    expect([...built.previousMasks]).toEqual([2, 0, 3, 0]);
  });

  it('takes as many objects as memory allows, in even parts', () => {
    const ids = Array.from({ length: 100 }, (_, i) => i + 1);
    const parts = splitObjects(ids, 10, 100, { ...sizes, valueChannels: 10 }, 300_000);
    expect(parts.map((part) => part.length)).toEqual([25, 25, 25, 25]);
    expect(parts.flat()).toEqual(ids);
    expect(splitObjects([1, 2], 10, 100, sizes, 1)).toEqual([[1], [2]]);
  });
});

describe('the memory grid', () => {
  const embedding = { data: new Float32Array(0), channels: 1, gridSize: 4, inputSize: 64, imageWidth: 640, imageHeight: 330, validWidth: 64, validHeight: 33 };

  it('covers the picture with whole pairs of cells', () => {
    expect(memoryGridOf(embedding)).toEqual({ columns: 8, rows: 6 });
  });

  it('cuts the padding off every channel', () => {
    const data = Float32Array.from({ length: 18 }, (_, i) => i);
    expect([...cropFeatures({ data, channels: 2, gridSize: 3 }, 2, 2)]).toEqual([0, 1, 3, 4, 9, 10, 12, 13]);
    expect(() => cropFeatures({ data, channels: 2, gridSize: 3 }, 4, 2)).toThrow(RangeError);
  });
});
