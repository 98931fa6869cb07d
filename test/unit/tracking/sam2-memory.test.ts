import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { packBfloats, unpackBfloats } from '../../../core/tracking/sam2/bfloat16';
import { chooseMask, NO_OBJ_SCORE, usesMultimask } from '../../../core/tracking/sam2/choose-mask';
import { fillHoles } from '../../../core/tracking/sam2/fill-holes';
import { givenMask } from '../../../core/tracking/sam2/given-mask';
import { masksWithoutOverlap } from '../../../core/tracking/sam2/non-overlap';
import { ObjectMemory } from '../../../core/tracking/sam2/object-memory';
import { Sam2Tracker } from '../../../core/tracking/sam2/sam2-tracker';
import { rleArea } from '../../../core/mask/rle';
import { rleIntersectionArea } from '../../../core/mask/rle-ops';
import { BLUE, drawScene, GREEN, RED, visibleMask, type Shape } from './drawn-scene';
import { FAKE_SAM2_SETTINGS as SETTINGS, FakeSam2Network, FakeSquareSegmenter } from './fake-sam2-network';

const known = (): { memory: Uint16Array; pointer: Float32Array } => ({ memory: new Uint16Array(1), pointer: new Float32Array(1) });

/** An object given on frame `from` and tracked on the others, each trimmed as the tracker does. */
function follow(memory: ObjectMemory, from: number, to: number): void {
  const step = to > from ? 1 : -1;
  memory.conditioning.set(from, known());
  for (let at = from + step; at !== to + step; at += step) {
    memory.tracked.set(at, known());
    memory.trim(at, step);
  }
}

describe("an object's memory", () => {
  it('is the given frame and the last six, with 15 pointers besides', () => {
    const memory = new ObjectMemory(SETTINGS);
    follow(memory, 10, 59);
    const { memories, pointers } = memory.select(60, 1);
    expect(memories.map(({ time }) => time)).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect(pointers.map(({ distance }) => Math.round(distance * 15))).toEqual([50, ...Array.from({ length: 15 }, (_, i) => i + 1)]);
  });

  it('holds no more after 5000 frames than after 50, forward and backward', () => {
    for (const [from, step] of [[0, 1], [5000, -1]] as const) {
      const memory = new ObjectMemory(SETTINGS);
      const sizes = (): number[] => [memory.conditioning.size, memory.tracked.size, [...memory.tracked.values()].filter((one) => one.memory).length];
      follow(memory, from, from + 50 * step);
      const early = sizes();
      for (let at = from + 51 * step; at !== from + 5000 * step; at += step) {
        memory.tracked.set(at, known());
        memory.trim(at, step);
      }
      expect(sizes()).toEqual(early);
      expect(early).toEqual([1, 15, 6]);
    }
  });

  it.each([1, 2, 3, 5])('is the same as if nothing were forgotten, stride %i', (stride) => {
    for (const step of [1, -1] as const) {
      const rules = { ...SETTINGS, memory_temporal_stride_for_eval: stride, max_cond_frames_in_attn: 2 as const };
      const [short, whole] = [new ObjectMemory(rules), new ObjectMemory(rules)];
      for (let n = 0; n < 60; n++) {
        const at = 100 + step * n;
        expect(n === 0 ? null : short.select(at, step)).toEqual(n === 0 ? null : whole.select(at, step));
        const entry = { memory: Uint16Array.of(n), pointer: Float32Array.of(n) };
        for (const one of [short, whole]) (n % 17 === 0 ? one.conditioning : one.tracked).set(at, { ...entry });
        if (n > 0) short.trim(at, step);
      }
      expect(short.conditioning.size).toBeLessThan(4);
      expect(short.tracked.size).toBeLessThan(15 + 7 * stride);
    }
  });

  it('takes every r-th frame and the last one with a stride', () => {
    const memory = new ObjectMemory({ ...SETTINGS, num_maskmem: 4, memory_temporal_stride_for_eval: 5 });
    memory.conditioning.set(0, known());
    for (let at = 1; at < 23; at++) memory.tracked.set(at, { memory: Uint16Array.of(at), pointer: Float32Array.of(at) });
    expect(memory.select(23, 1).memories.slice(1).map((one) => one.memory[0])).toEqual([15, 20, 22]);
  });

  it('forgets tracked frames around a correction', () => {
    const memory = new ObjectMemory(SETTINGS);
    follow(memory, 0, 20);
    memory.clearAround(20);
    expect([...memory.tracked.keys()].every((at) => at < 13)).toBe(true);
  });
});

describe('which mask is taken', () => {
  const found = (stableSingle: boolean, score: number): Parameters<typeof chooseMask>[0] => ({
    objects: 1,
    maskSize: 2,
    logits: Float32Array.of(4, -4, 4, stableSingle ? -4 : 0.01, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3),
    predictedIous: Float32Array.of(0.1, 0.3, 0.9, 0.2),
    objectScores: Float32Array.of(score),
    pointers: Float32Array.from({ length: 16 }, (_, i) => Math.floor(i / 4)),
  });
  const settings = { ...SETTINGS, no_obj_ptr: [7, 7, 7, 7] };

  it('is the one of highest predicted IoU of the three, with its pointer', () => {
    expect(usesMultimask(settings)).toBe(true);
    const chosen = chooseMask(found(true, 3), 0, true, settings);
    expect([chosen.logits[0], chosen.pointer[0], chosen.predictedIou]).toEqual([2, 2, Math.fround(0.9)]);
  });

  it('is the single one while that is stable, with its pointer in any case', () => {
    expect(chooseMask(found(true, 3), 0, false, settings)).toMatchObject({ logits: Float32Array.of(4, -4, 4, -4), pointer: Float32Array.of(0, 0, 0, 0) });
    expect(chooseMask(found(false, 3), 0, false, settings)).toMatchObject({ logits: Float32Array.of(2, 2, 2, 2), pointer: Float32Array.of(0, 0, 0, 0) });
    expect(chooseMask(found(false, 3), 0, false, { ...settings, dynamic_multimask_via_stability: false }).logits[0]).toBe(4);
  });

  it('is none for a hidden object, whose pointer is that to no object', () => {
    const hidden = chooseMask(found(true, -1), 0, true, settings);
    expect(new Set(hidden.logits)).toEqual(new Set([NO_OBJ_SCORE]));
    expect(Array.from(hidden.pointer)).toEqual([7, 7, 7, 7]);
    const soft = chooseMask(found(true, 0), 0, true, { ...settings, soft_no_obj_ptr: true });
    expect(Array.from(soft.pointer)).toEqual([4.5, 4.5, 4.5, 4.5]);
  });
});

describe('masks of SAM 2', () => {
  it('lose holes of few cells and keep larger ones', () => {
    const ring = Float32Array.from({ length: 64 }, (_, i) => (i === 18 || [44, 45, 53].includes(i) ? -1 : 1));
    expect(Array.from(fillHoles(ring, 8, 1)).filter((value) => value < 0)).toHaveLength(3);
    expect(fillHoles(ring, 8, 1)[18]).toBe(Math.fround(0.1));
    expect(Array.from(fillHoles(ring, 8, 3)).every((value) => value > 0)).toBe(true);
    expect(fillHoles(ring, 8, 0)).toBe(ring);
  });

  it('share no pixel when they may not overlap', () => {
    const grid = { side: 8, width: 8, height: 8, cellX: 5, cellY: 3, imageWidth: 40, imageHeight: 24 };
    const ramp = Float32Array.from({ length: 64 }, (_, i) => (i % 8) - 2);
    const flat = new Float32Array(64).fill(1.5);
    const [right, left] = masksWithoutOverlap([ramp, flat], grid);
    expect(rleIntersectionArea(right!, left!)).toBe(0);
    expect(rleArea(right!) + rleArea(left!)).toBe(40 * 24);
    expect(rleArea(right!)).toBeGreaterThan(300);
    expect(rleArea(left!)).toBeGreaterThan(300);
  });

  it('keep one cell of a given mask that is too thin to show', () => {
    const thin = { width: 1000, height: 1000, counts: Uint32Array.of(500_300, 1, 499_699) };
    const { logits } = givenMask(thin, 128, SETTINGS);
    expect(logits).toHaveLength(32 * 32);
    expect(logits.reduce((most, value) => Math.max(most, value))).toBeGreaterThan(-10);
  });

  it('are remembered in bfloat16, rounded to even', () => {
    const values = Float32Array.of(1, -2.5, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.14159, 0, NaN, 1e-40);
    const back = new Float32Array(values.length);
    unpackBfloats(packBfloats(values), back, 0);
    expect(Array.from(back).slice(0, 7)).toEqual([1, -2.5, 1, 1 + 2 ** -6, 3.140625, 0, 0]);
  });
});

describe('objects of a SAM 2 tracker', () => {
  const shapes: Shape[] = [RED, GREEN, BLUE].map((colour, i) => ({ colour, width: 24, height: 20, place: (t) => [10 + 2 * t, 4 + 30 * i] }));
  const segmenter = new FakeSquareSegmenter();
  const frame = (t: number): ReturnType<typeof createTrackFrame> => createTrackFrame(t, drawScene(shapes, t), segmenter);
  const mask = (i: number, t: number): { objectId: number; rle: ReturnType<typeof visibleMask>; score: number } => ({ objectId: i + 1, rle: visibleMask(shapes, shapes[i]!, t), score: 1 });

  it('share network runs when they remember equally much, never more than fit', async () => {
    const network = new FakeSam2Network();
    const session = new Sam2Tracker({ network });
    await session.start(frame(0));
    await session.addObjects([mask(0, 0), mask(1, 0)]);
    await session.step(frame(1));
    await session.addObjects([mask(2, 1)]);
    await session.step(frame(2));
    expect(network.queries.map(({ objects, frames, pointersPerObject }) => [objects, frames, pointersPerObject])).toEqual([[2, 1, 1], [2, 2, 2], [1, 1, 1]]);
  });

  it('have one conditioning frame, or every corrected one when the settings say so', async () => {
    for (const [add_all_frames_to_correct_as_cond, expected] of [[false, [true, false]], [true, [true, true]]] as const) {
      const kinds: boolean[] = [];
      const session = new Sam2Tracker({ network: new FakeSam2Network({ ...SETTINGS, add_all_frames_to_correct_as_cond }), onRemembered: ({ objectScore, isConditioning }) => objectScore === 10 && kinds.push(isConditioning) });
      await session.start(frame(0));
      await session.addObjects([mask(0, 0)]);
      await session.step(frame(1));
      await session.addObjects([mask(0, 1)]);
      expect(kinds).toEqual(expected);
    }
  });

  it('refuse a snapshot of another frame, or of a network of another size', async () => {
    const session = new Sam2Tracker({ network: new FakeSam2Network() });
    await session.start(frame(0));
    await session.addObjects([mask(0, 0)]);
    await expect(session.restore(session.snapshot(), frame(1))).rejects.toThrow('of frame 0');
    const other = new Sam2Tracker({ network: new FakeSam2Network({ ...SETTINGS, mem_dim: 2 }) });
    await expect(other.restore(session.snapshot(), frame(0))).rejects.toThrow('wrong size');
  });
});
