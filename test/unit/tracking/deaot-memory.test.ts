import { rleArea } from '../../../core/mask/rle';
import { rleIntersectionArea, rleIou } from '../../../core/mask/rle-ops';
import { DeaotTracker, type DeaotTrackerDeps } from '../../../core/tracking/deaot/deaot-tracker';
import { FrameCache } from '../../../core/tracking/deaot/frame-cache';
import { IdentityGroup, type GroupFrame } from '../../../core/tracking/deaot/identity-group';
import { masksOfLabels, pixelsOf, resizeNearest } from '../../../core/tracking/deaot/label-maps';
import { labelPixels, type GroupLogits } from '../../../core/tracking/deaot/soft-labels';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { restrictSize } from '../../../models/deaot/input-size';
import { BLUE, drawScene, GREEN, RED, visibleMask, YELLOW, type Shape } from './drawn-scene';
import { FAKE_DEAOT_SETTINGS as SETTINGS, FakeDeaotNetwork } from './fake-deaot-network';
import { FakeSegmenter } from './fake-segmenter';

const NOW = { labels: new Uint8Array(1), pending: new Float32Array(0) };
const RULES = { max_obj_num: 3, long_term_mem_gap: 5, short_term_mem_skip: 1, max_len_long_term: 4 };

function remembered(group: IdentityGroup, position: number, given: readonly number[] = []): GroupFrame {
  return { position, ids: group.ids.slice(), given: new Set(given), kept: new Float32Array(1), identified: new Float32Array(1) };
}

const positions = (frames: readonly GroupFrame[]): number[] => frames.map(({ position }) => position);

describe("a group's memory", () => {
  /** One object given on frame 100, and tracked. */
  function follow(frames: number, step: 1 | -1, rules = RULES): IdentityGroup {
    const group = new IdentityGroup(rules);
    group.add(9);
    group.addReference(remembered(group, 100, [9]), NOW);
    for (let n = 1; n <= frames; n++) group.addTracked(remembered(group, 100 + n * step), NOW);
    return group;
  }

  it.each([1, -1] as const)('is the given frame, a tracked one at every gap, and the last one, in direction %i', (step) => {
    const group = follow(12, step);
    expect(positions(group.long)).toEqual([100, 100 + 5 * step, 100 + 10 * step]);
    expect(positions(group.short)).toEqual([100 + 12 * step]);
  });

  it('looks back as many frames as are skipped', () => {
    const group = follow(12, 1, { ...RULES, short_term_mem_skip: 3 });
    expect(positions(group.short)).toEqual([110, 111, 112]);
  });

  it('loses the oldest tracked frame when it is full, never the reference', () => {
    expect(positions(follow(100, 1).long)).toEqual([100, 190, 195, 200]);
  });

  it('keeps the first and the last given frame of every object, and forgets those of a removed one', () => {
    const group = follow(12, 1);
    group.add(4);
    group.addReference(remembered(group, 112, [4]), NOW);
    for (const position of [113, 114, 115]) group.addReference(remembered(group, position, [9]), NOW);
    expect(positions(group.long)).toEqual([100, 112, 114, 115]);
    group.remove(4);
    for (let position = 116; position <= 140; position++) group.addTracked(remembered(group, position), NOW);
    expect(positions(group.long)).toEqual([100, 115, 135, 140]);
  });

  it('has a frame once, however often masks are given on it', () => {
    const group = follow(5, 1);
    group.add(4);
    group.addReference(remembered(group, 105, [4]), NOW);
    group.addReference(remembered(group, 105, [9]), NOW);
    expect(positions(group.long)).toEqual([100, 105]);
    expect(group.long[1]!.given).toEqual(new Set([4, 9]));
  });

  it('gives an identity again only when no frame knows it', () => {
    const group = follow(3, 1);
    expect([group.add(4), group.add(5), group.hasRoom()]).toEqual([2, 3, false]);
    group.addReference(remembered(group, 104, [4, 5]), NOW);
    group.remove(4);
    expect(group.hasRoom()).toBe(false);
    for (let position = 105; position <= 150; position++) group.addTracked(remembered(group, position), NOW);
    expect(group.hasRoom()).toBe(false);
    group.remove(5);
    for (let position = 151; position <= 190; position++) group.addTracked(remembered(group, position), NOW);
    expect(group.add(6)).toBe(2);
    expect(() => new IdentityGroup({ ...RULES, max_obj_num: 0 }).add(1)).toThrow(RangeError);
  });
});

describe('labels of several groups', () => {
  const size = { width: 8, height: 6 };
  const area = 48;
  /** Background 0, objects with these logits left and right of the middle. */
  function group(ids: readonly number[], sides: readonly (readonly [number, number])[]): GroupLogits {
    const logits = new Float32Array((ids.length + 1) * area);
    sides.forEach(([left, right], k) => logits.set(Float32Array.from({ length: area }, (_, i) => (i % 8 < 4 ? left : right)), (k + 1) * area));
    return { ids, logits };
  }
  const apart = (): ReadonlySet<number> => new Set();
  const counts = (labels: Uint8Array, most: number): number[] => Array.from({ length: most + 1 }, (_, k) => labels.filter((label) => label === k).length);

  it('are those of the highest logit in one group, and none for an identity without object', () => {
    const { labels, scores } = labelPixels([group([5, 0, 7], [[2, -1], [9, 9], [1, 3]])], size, size, true, apart);
    expect(counts(labels[0]!, 3)).toEqual([0, 24, 0, 24]);
    expect(scores.get(5)).toBeCloseTo(Math.exp(2) / (1 + Math.exp(2) + Math.exp(1)), 5);
    expect([...scores.keys()].sort()).toEqual([5, 7]);
  });

  it('go to the most probable of all groups, of equals to the first, and to none where together they doubt', () => {
    const groups = [group([1], [[3, 20]]), group([2], [[5, 20]])];
    const { labels } = labelPixels(groups, size, size, true, apart);
    expect(labels.map((own) => counts(own, 1)[1])).toEqual([24, 24]);
    expect(labels[0]![7]).toBe(1);
    const doubtful = [group([1], [[-0.1, -9]]), group([2], [[-0.5, -9]])];
    expect(labelPixels(doubtful, size, size, true, apart).labels.map((own) => counts(own, 1)[1])).toEqual([24, 0]);
    expect(labelPixels(doubtful.slice(0, 1), size, size, true, apart).labels.map((own) => counts(own, 1)[1])).toEqual([0]);
  });

  it('are shared by part and whole', () => {
    const groups = [group([1, 3], [[9, 9], [-9, -9]]), group([2], [[5, -9]])];
    const partners = new Map([[1, new Set([2])], [2, new Set([1])]]);
    const { labels } = labelPixels(groups, size, size, true, (id) => partners.get(id) ?? new Set());
    expect(labels.map((own) => counts(own, 1)[1])).toEqual([48, 24]);
    expect(labelPixels(groups, size, size, true, apart).labels.map((own) => counts(own, 1)[1])).toEqual([48, 0]);
  });

  it.each([true, false])('are interpolated between cells, aligned corners %s', (alignCorners) => {
    const picture = { width: 80, height: 60 };
    const { labels } = labelPixels([group([1], [[1, -1]])], size, picture, alignCorners, apart);
    const [mask] = masksOfLabels(labels[0]!, picture, 1);
    expect(rleArea(mask!)).toBe(60 * 40);
  });
});

describe('label maps', () => {
  it('lose no given mask, however thin', () => {
    const thin = { width: 1000, height: 1000, counts: Uint32Array.of(500_301, 1, 499_698) };
    expect(Array.from(pixelsOf(thin, { width: 100, height: 50 }))).toEqual([15 * 100 + 50]);
  });

  it('are resized to the nearest pixel, and become masks again', () => {
    const map = Uint8Array.from({ length: 24 }, (_, i) => (i % 6 < 2 ? 1 : i % 6 > 3 ? 2 : 0));
    const big = resizeNearest(map, { width: 6, height: 4 }, { width: 12, height: 4 });
    expect(Array.from(big.subarray(0, 12))).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2]);
    const [first, second] = masksOfLabels(big, { width: 12, height: 4 }, 2);
    expect([rleArea(first!), rleArea(second!), rleIntersectionArea(first!, second!)]).toEqual([16, 16, 0]);
    expect(first!.counts.reduce((a, b) => a + b)).toBe(48);
    expect(second!.counts.reduce((a, b) => a + b)).toBe(48);
  });

  it('are of whole cells, never larger than the picture by more than rounding', () => {
    expect(restrictSize(168, 112, 1040, true)).toEqual({ width: 161, height: 113 });
    expect(restrictSize(1920, 1080, 1040, true)).toEqual({ width: 1041, height: 577 });
    expect(restrictSize(1920, 1080, 1040, false)).toEqual({ width: 1040, height: 592 });
    expect(restrictSize(4000, 3, 512, true)).toEqual({ width: 513, height: 17 });
  });
});

describe('objects of a DeAOT tracker', () => {
  const colours = [RED, GREEN, BLUE, YELLOW];
  const shapes: Shape[] = colours.map((colour, i) => ({ colour, width: 24, height: 16, place: (t) => [10 + 2 * t + 40 * (i % 2), 8 + 40 * Math.floor(i / 2)] }));
  const segmenter = new FakeSegmenter();
  const frame = (t: number): ReturnType<typeof createTrackFrame> => createTrackFrame(t, drawScene(shapes, t), segmenter);
  const mask = (i: number, t: number): { objectId: number; rle: ReturnType<typeof visibleMask>; score: number } => ({ objectId: i + 1, rle: visibleMask(shapes, shapes[i]!, t), score: 1 });

  function open(network = new FakeDeaotNetwork(), more: Partial<DeaotTrackerDeps> = {}): DeaotTracker {
    return new DeaotTracker({ network, frames: new FrameCache(network), ...more });
  }

  it('make a second group when the first is full, and all are found in both', async () => {
    const session = open();
    await session.start(frame(0));
    await session.addObjects([0, 1, 2, 3].map((i) => mask(i, 0)));
    expect(session.listGroups().map((group) => group.liveIds())).toEqual([[1, 2, 3], [4]]);
    for (let t = 1; t <= 5; t++)
      for (const [i, { rle, present }] of (await session.step(frame(t))).entries()) expect([present, rleIou(rle, mask(i, t).rle) > 0.7]).toEqual([true, true]);
    session.removeObjects([4]);
    expect(session.listGroups()).toHaveLength(1);
  });

  it('are in different groups when one is a part of the other, and take no pixel from it', async () => {
    const session = open();
    await session.start(frame(0));
    const whole = { objectId: 9, rle: { width: 160, height: 96, counts: Uint32Array.of(0, 96 * 50, 96 * 110) }, score: 1 };
    await session.addObjects([whole, mask(0, 0)]);
    expect(session.listGroups().map((group) => group.liveIds())).toEqual([[9], [1]]);
    expect(session.listGroups()[0]!.current!.labels.filter((label) => label === 1)).toHaveLength(96 * 50);
    const flat = open(undefined, { isFlat: true });
    await flat.start(frame(0));
    await flat.addObjects([whole, mask(0, 0)]);
    expect(flat.listGroups().map((group) => group.liveIds())).toEqual([[9, 1]]);
    expect(flat.listGroups()[0]!.current!.labels.filter((label) => label === 1)).toHaveLength(96 * 50 - 24 * 16);
  });

  it('hold and look at no more after 300 frames than after 20, and snapshots do not grow', async () => {
    const network = new FakeDeaotNetwork();
    const session = open(network);
    const still = drawScene(shapes, 0);
    const at = (t: number): ReturnType<typeof createTrackFrame> => createTrackFrame(t, still, segmenter);
    await session.start(at(0));
    await session.addObjects([mask(0, 0), mask(1, 0)]);
    const sizes: number[] = [];
    for (let t = 1; t <= 300; t++) {
      await session.step(at(t));
      if (t === 20 || t === 300) sizes.push(session.snapshot().length);
    }
    expect(sizes[1]).toBe(sizes[0]);
    expect(network.lengths.at(-1)).toEqual(network.lengths[19]);
    expect(network.lengths.at(-1)).toEqual({ long: 4 * 60, short: 60 });
    expect(positions(session.listGroups()[0]!.long)).toEqual([0, 296, 298, 300]);
  });

  it('can be given on the frame of a snapshot as on the live one', async () => {
    const [session, other] = [open(), open()];
    await session.start(frame(0));
    await session.addObjects([0, 1, 2].map((i) => mask(i, 0)));
    await session.step(frame(1));
    await other.restore(session.snapshot(), frame(1));
    const over = { ...mask(3, 1), rle: { width: 160, height: 96, counts: Uint32Array.of(96 * 20, 96 * 2, 96 * 138) } };
    for (const one of [session, other]) await one.addObjects([over]);
    expect(other.snapshot()).toEqual(session.snapshot());
    expect(await other.step(frame(2))).toEqual(await session.step(frame(2)));
  });

  it('share the encoder between sessions, within a limit', async () => {
    const network = new FakeDeaotNetwork();
    const frames = new FrameCache(network, undefined, 2.5 * 160 * 96 * 3 * 4);
    const all = [0, 1, 2].map(frame);
    for (const one of [...all, all[1]!, all[2]!]) await frames.encodedOf(one);
    expect(network.encoded).toBe(3);
    await frames.encodedOf(all[0]!);
    expect(network.encoded).toBe(4);
  });

  it('refuse a snapshot of another frame or network, and one with exact memories', async () => {
    const session = open();
    await session.start(frame(0));
    await session.addObjects([mask(0, 0)]);
    const snapshot = session.snapshot();
    await expect(session.restore(snapshot, frame(1))).rejects.toThrow('of frame 0');
    await expect(open(new FakeDeaotNetwork({ ...SETTINGS, kept_channels: 7 })).restore(snapshot, frame(0))).rejects.toThrow('wrong size');
    await expect(open(new FakeDeaotNetwork({ ...SETTINGS, max_obj_num: 5 })).restore(snapshot, frame(0))).rejects.toThrow('another size');
    const exact = open(undefined, { isExact: true });
    await exact.start(frame(0));
    await exact.addObjects([mask(0, 0)]);
    expect(() => exact.snapshot()).toThrow('no snapshots');
  });
});
