import type { MemoryAnswer, MemoryQuery } from '../../../../contracts/memory-network';
import { createTrackFrame } from '../../../../core/tracking/feature-cache';
import { createTrackerSession } from '../../../../core/tracking/create-session';
import type { TrackFrame, TrackedMask, TrackerSession } from '../../../../core/tracking/types';
import { FULL_BANK } from '../../../../core/tracking/memory/bank-schedule';
import { decodeMemoryState } from '../../../../core/tracking/memory/memory-snapshot';
import { rleIou } from '../../../../core/mask/rle-ops';
import { rleArea } from '../../../../core/mask/rle';
import { BLUE, GREEN, RED, YELLOW, drawScene, visibleMask, type Shape } from '../drawn-scene';
import { FakeMemoryNetwork } from '../fake-memory-network';
import { FakeSegmenter } from '../fake-segmenter';

const red: Shape = { colour: RED, width: 40, height: 32, place: (t) => [10 + 2 * t, 20] };
const green: Shape = { colour: GREEN, width: 32, height: 28, place: (t) => [118 - t, 50] };
const hidden: Shape = { colour: BLUE, width: 24, height: 20, place: (t) => (t >= 4 && t <= 14 ? null : [60, 8]) };

interface World {
  readonly network: FakeMemoryNetwork;
  readonly session: TrackerSession;
  frame(t: number): TrackFrame;
}

function world(shapes: readonly Shape[], rememberedFrames?: number): World {
  const segmenter = new FakeSegmenter();
  const network = new FakeMemoryNetwork();
  return { network, session: createTrackerSession('memory', { segmenter, memory: network, ...(rememberedFrames !== undefined && { rememberedFrames }) })(), frame: (t) => createTrackFrame(t, drawScene(shapes, t), segmenter) };
}

const given = (shapes: readonly Shape[], objectId: number, shape: Shape, t: number) => ({ objectId, rle: visibleMask(shapes, shape, t), score: 1 });
const iouOf = (masks: readonly TrackedMask[], id: number, shapes: readonly Shape[], shape: Shape, t: number): number => rleIou(masks.find(({ objectId }) => objectId === id)!.rle, visibleMask(shapes, shape, t));

/** Says of the whole picture how much it looks like each object (`own`), and always the same of all else. */
class OpinionatedNetwork extends FakeMemoryNetwork {
  own = 0;

  override async read(query: MemoryQuery, signal?: AbortSignal): Promise<MemoryAnswer> {
    const cells = query.query.columns * query.query.rows;
    const likeness = Float32Array.from({ length: query.objects * 2 * cells }, (_, i) => (Math.floor(i / cells) % 2 === 0 ? this.own : -3));
    return { ...(await super.read(query, signal)), likeness };
  }
}

describe('the memory tracker', () => {
  it('reads all objects at once, from frames that know them only', async () => {
    const shapes = [red, green];
    const { network, session, frame } = world(shapes);
    await session.start(frame(0));
    await session.addObjects([given(shapes, 1, red, 0)]);
    await session.step(frame(1));
    await session.step(frame(2));
    await session.addObjects([given(shapes, 4, green, 2)]);
    const masks = await session.step(frame(3));
    expect(iouOf(masks, 1, shapes, red, 3)).toBeGreaterThan(0.75);
    expect(iouOf(masks, 4, shapes, green, 3)).toBeGreaterThan(0.75);
    expect(network.reads).toHaveLength(3);
    const last = network.reads[2]!;
    expect([last.objects, last.frames]).toEqual([2, 3]);
    expect([...last.valid]).toEqual([1, 1, 1, 0, 0, 1]);
    expect([...last.given]).toEqual([1, 0, 0, 0, 0, 1]);
  });

  it('looks back at no more frames than it is told to, also after a restore', async () => {
    const first = world([red], 4);
    await first.session.start(first.frame(0));
    await first.session.addObjects([given([red], 1, red, 0)]);
    for (let t = 1; t <= 30; t++) await first.session.step(first.frame(t));
    expect(Math.max(...first.network.reads.map(({ frames }) => frames))).toBe(4);
    const second = world([red], 4);
    await second.session.restore(first.session.snapshot(), second.frame(30));
    for (let t = 31; t <= 50; t++) expect(await second.session.step(second.frame(t))).toEqual(await first.session.step(first.frame(t)));
    expect(Math.max(...second.network.reads.map(({ frames }) => frames))).toBe(4);
  });

  it('gives an object that was hidden its mask back, and writes that it was not there', async () => {
    const shapes = [green, hidden];
    const { network, session, frame } = world(shapes);
    await session.start(frame(0));
    await session.addObjects([given(shapes, 1, green, 0), given(shapes, 2, hidden, 0)]);
    for (let t = 1; t <= 16; t++) {
      const masks = await session.step(frame(t));
      expect([t, masks[1]!.present]).toEqual([t, t < 4 || t > 14]);
      if (!masks[1]!.present) expect([rleArea(masks[1]!.rle), masks[1]!.score]).toEqual([0, 0]);
      else expect(iouOf(masks, 2, shapes, hidden, t)).toBeGreaterThan(0.7);
    }
    // Before frame 10 it was absent: no previous mask, but still valid memories.
    const query = network.reads[9]!;
    const cells = query.query.columns * query.query.rows;
    expect(query.previousMasks.subarray(cells).every((value) => value === 0)).toBe(true);
    expect(query.valid.every((value) => value === 1)).toBe(true);
  });

  it('keeps at most ten frames and snapshots of bounded size, however long it runs', async () => {
    const still: Shape = { ...red, place: () => [30, 30] };
    const { network, session, frame } = world([still]);
    await session.start(frame(0));
    await session.addObjects([given([still], 1, still, 0)]);
    const sizes: number[] = [];
    for (let t = 1; t <= 80; t++) {
      await session.step(frame(t));
      sizes.push(session.snapshot().length);
    }
    expect(Math.max(...network.reads.map(({ frames }) => frames))).toBe(8);
    expect(Math.max(...sizes.slice(40))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 40)));
  });

  it('lets nested objects share pixels and makes others compete', async () => {
    const whole: Shape = { colour: RED, width: 60, height: 50, place: (t) => [20 + t, 20] };
    const { session, frame } = world([whole]);
    await session.start(frame(0));
    const left: Shape = { ...whole, width: 30 };
    const right: Shape = { ...whole, width: 30, place: () => [50, 20] };
    // All of one colour, so the fake finds the whole for both: partners keep it, competitors halve their odds and have nothing.
    await session.addObjects([given([whole], 1, whole, 0), given([left], 2, left, 0)]);
    const masks = await session.step(frame(1));
    expect(masks.map(({ present }) => present)).toEqual([true, true]);
    const other = world([whole]);
    await other.session.start(other.frame(0));
    await other.session.addObjects([given([left], 1, left, 0), given([right], 2, right, 0)]);
    expect((await other.session.step(other.frame(1))).map(({ present }) => present)).toEqual([false, false]);
  });

  it.each([3, 9, 17])('goes on from a snapshot after frame %i with the same bits, objects added and removed on the way', async (stop) => {
    const late: Shape = { colour: YELLOW, width: 30, height: 26, place: (t) => (t >= 5 ? [60 + t, 60] : null) };
    const shapes = [red, hidden, late];
    const act = async ({ session }: World, t: number): Promise<void> => {
      if (t === 5) await session.addObjects([given(shapes, 9, late, 5)]);
      if (t === 8) await session.addObjects([given(shapes, 1, red, 8)]);
      if (t === 12) session.removeObjects([2]);
      if (t === 16) await session.addObjects([given(shapes, 3, hidden, 16)]);
    };
    const first = world(shapes);
    await first.session.start(first.frame(0));
    await first.session.addObjects([given(shapes, 1, red, 0), given(shapes, 2, hidden, 0)]);
    for (let t = 1; t <= stop; t++) {
      await first.session.step(first.frame(t));
      await act(first, t);
    }
    const second = world(shapes);
    await second.session.restore(first.session.snapshot(), second.frame(stop));
    for (let t = stop + 1; t <= 22; t++) {
      expect(await second.session.step(second.frame(t))).toEqual(await first.session.step(first.frame(t)));
      await act(first, t);
      await act(second, t);
      expect(Buffer.from(second.session.snapshot()).equals(first.session.snapshot())).toBe(true);
    }
    const values = (reads: FakeMemoryNetwork['reads']): string[] => reads.map(({ memoryValues, given: isGiven }) => `${Buffer.from(memoryValues.buffer).toString('base64')} ${isGiven.join('')}`);
    expect(values(second.network.reads)).toEqual(values(first.network.reads.slice(stop)));
  });

  it('hides an object whose mask has gone over to something else for as long as it takes, and shows it when it is itself again', async () => {
    const still: Shape = { ...red, place: () => [30, 30] };
    const network = new OpinionatedNetwork();
    const segmenter = new FakeSegmenter();
    const session = createTrackerSession('memory', { segmenter, memory: network })();
    const frame = (t: number): TrackFrame => createTrackFrame(t, drawScene([still], t), segmenter);
    await session.start(frame(0));
    await session.addObjects([given([still], 1, still, 0)]);
    const isShown = async (t: number, own: number): Promise<boolean> => {
      network.own = own;
      return (await session.step(frame(t)))[0]!.present;
    };
    for (let t = 1; t <= 20; t++) expect(await isShown(t, 0)).toBe(true);
    // So long that the memory keeps but one frame that knows it.
    for (let t = 21; t <= 150; t++) expect([t, await isShown(t, -6)]).toEqual([t, false]);
    expect(await isShown(151, 0)).toBe(true);
    expect(await isShown(152, 0)).toBe(true);
  });

  /** What both give on frame 5: a session that followed these for four frames and was then changed, and one that was made from its snapshot. */
  async function maskedAfter(shapes: readonly Shape[], objects: readonly Shape[], change: (session: TrackerSession) => void): Promise<TrackedMask[]> {
    const first = world(shapes);
    await first.session.start(first.frame(0));
    await first.session.addObjects(objects.map((shape, i) => given(shapes, i + 1, shape, 0)));
    for (let t = 1; t <= 4; t++) await first.session.step(first.frame(t));
    change(first.session);
    const second = world(shapes);
    await second.session.restore(first.session.snapshot(), second.frame(4));
    const masks = await first.session.step(first.frame(5));
    expect(await second.session.step(second.frame(5))).toEqual(masks);
    return masks;
  }

  it('follows an object on with the memories of its heir, also after a restore', async () => {
    const shapes = [red, green];
    const masks = await maskedAfter(shapes, [red, green], (session) => session.succeed!(2, 1));
    expect(masks.map(({ objectId }) => objectId)).toEqual([1]);
    expect(iouOf(masks, 1, shapes, green, 5)).toBeGreaterThan(0.75);
  });

  it('gives two objects that were taken for each other their own places back, also after a restore', async () => {
    const shapes = [red, green];
    const masks = await maskedAfter(shapes, [green, red], (session) => session.exchange!(1, 2));
    expect(iouOf(masks, 1, shapes, red, 5)).toBeGreaterThan(0.75);
    expect(iouOf(masks, 2, shapes, green, 5)).toBeGreaterThan(0.75);
  });

  it('looks back at nothing that it followed wrongly, once it is told since when', async () => {
    const shapes = [red, green];
    const { network, session, frame } = world(shapes);
    await session.start(frame(10));
    await session.addObjects([given(shapes, 1, red, 10), given(shapes, 2, green, 10)]);
    for (let t = 11; t <= 14; t++) await session.step(frame(t));
    await session.amend!([given(shapes, 1, red, 14)], 13);
    const masks = await session.step(frame(15));
    expect(iouOf(masks, 1, shapes, red, 15)).toBeGreaterThan(0.75);
    const { objects, frames, valid, given: isGiven } = network.reads.at(-1)!;
    expect([objects, frames]).toEqual([2, 4]); // of positions 10, 12, 13 and 14
    expect([...valid]).toEqual([1, 1, 0, 1, 1, 1, 1, 1]);
    expect([...isGiven]).toEqual([1, 0, 0, 1, 1, 0, 0, 0]);
  });

  it('shares a place anew with what it overlaps when it is told what it is, and competes with what it shared one with', async () => {
    const [whole, part]: Shape[] = [{ ...red, place: () => [30, 30] }, { ...red, width: 20, place: () => [30, 30] }];
    const partnersAfter = async (mask: Shape): Promise<number[][]> => {
      const { session, frame } = world([whole!]);
      await session.start(frame(0));
      await session.addObjects([given([whole!], 1, whole!, 0), given([part!], 2, part!, 0)]);
      await session.amend!([given([mask], 2, mask, 0)], 0);
      return decodeMemoryState(session.snapshot(), new FakeMemoryNetwork(), FULL_BANK).then(({ competition }) => competition.toLists([1, 2]));
    };
    expect(await partnersAfter(part!)).toEqual([[2], [1]]);
    expect(await partnersAfter({ ...red, place: () => [100, 30] })).toEqual([[], []]);
  });

  it('computes the key of a frame once for all sessions of a chunk', async () => {
    const segmenter = new FakeSegmenter();
    const network = new FakeMemoryNetwork();
    const create = createTrackerSession('memory', { segmenter, memory: network });
    const frames = [0, 1, 2].map((t) => createTrackFrame(t, drawScene([red], t), segmenter));
    for (const order of [[0, 1, 2], [2, 1, 0]]) {
      const session = create();
      await session.start(frames[order[0]!]!);
      await session.addObjects([given([red], 1, red, order[0]!)]);
      for (const t of order.slice(1)) await session.step(frames[t]!);
    }
    expect([network.keys, segmenter.encodes]).toEqual([3, 3]);
  });

  it('needs a memory network', () => {
    expect(() => createTrackerSession('memory', { segmenter: new FakeSegmenter() })).toThrow(RangeError);
  });
});
