import { encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { ByteReader, ByteWriter } from '../../../core/tracking/byte-codec';
import { createChunkState, type ChunkState } from '../../../core/tracking/chunk-state';
import type { PendingFrame } from '../../../core/tracking/pending-frame';
import { takeOver } from '../../../core/tracking/take-over';
import { countWritten, createTrack, readTrack, writeTrack, type Track } from '../../../core/tracking/track';
import type { ObjectMask, TrackerSession } from '../../../core/tracking/types';

/** A band of this width, from `left`, of a picture of 100 x 20. */
function band(width: number, left = 0): Rle {
  const data = new Uint8Array(2000);
  for (let row = 0; row < 20; row++) data.fill(1, row * 100 + left, row * 100 + left + width);
  return encodeRle({ width: 100, height: 20, data });
}

function track(id: number, frames: number, changes: Partial<Track> = {}): Track {
  const made = { ...createTrack(id, 0, band(40), 0.9), confirmed: true, ...changes };
  for (let position = 0; position < frames; position++) countWritten(made.written, position, 800);
  return made;
}

class Scene {
  readonly state: ChunkState = createChunkState();
  readonly ending = new Set<number>();
  readonly calls: unknown[] = [];
  pending: PendingFrame[] = [];

  /** Whether the tracker hands memories over itself. */
  succeeds = false;

  constructor(...tracks: Track[]) {
    for (const one of tracks) this.state.live.set(one.id, one);
  }

  /** An interval ends, on whose frames these were seen. */
  async interval(...frames: readonly Readonly<Record<number, Rle>>[]): Promise<void> {
    this.pending = frames.map((masks) => ({ frame: {} as PendingFrame['frame'], hash: '', masks: new Map(Object.entries(masks).map(([id, rle]) => [Number(id), { rle, score: 0.8 }])) }));
    const session = {
      addObjects: async (objects: readonly ObjectMask[]) => void this.calls.push(...objects.map(({ objectId, rle }) => ['add', objectId, rle])),
      removeObjects: (ids: readonly number[]) => void this.calls.push(['remove', ...ids]),
      ...(this.succeeds && { succeed: (from: number, to: number) => void this.calls.push(['succeed', from, to]) }),
    } as Partial<TrackerSession> as TrackerSession;
    await takeOver({ session, state: this.state, pending: this.pending, ending: this.ending });
  }

  seenOn(frame: number): number[] {
    return [...this.pending[frame]!.masks.keys()].sort((a, b) => a - b);
  }
}

const both = { 1: band(40), 2: band(38) };
const heirOnly = { 2: band(38) };

describe('an object that was followed twice', () => {
  it('goes on as the one that was followed for longer when that one is lost, once the other is seen again', async () => {
    const [elder, heir] = [track(1, 60), track(2, 20)];
    const scene = new Scene(elder, heir);
    await scene.interval(both, both, heirOnly);
    expect([elder.heir, scene.calls]).toEqual([2, []]);
    heir.missed = 1;
    await scene.interval(heirOnly, heirOnly);
    expect([elder.heir, scene.calls]).toEqual([2, []]);
    heir.missed = 0;
    await scene.interval({ 1: band(5), 2: band(38) }, {}, heirOnly, { 2: band(30) });
    expect([0, 1, 2, 3].map((frame) => scene.seenOn(frame))).toEqual([[1, 2], [], [1], [1]]);
    expect(scene.calls).toEqual([['remove', 2], ['add', 1, band(30)]]);
    expect([[...scene.ending], elder.heir, elder.missed, elder.support]).toEqual([[2], null, 0, 2]);
  });

  it('has its memories from the other, where the tracker can hand them over', async () => {
    const scene = new Scene(track(1, 60), track(2, 20));
    scene.succeeds = true;
    await scene.interval(both, heirOnly);
    await scene.interval(heirOnly);
    expect(scene.calls).toEqual([['succeed', 2, 1]]);
    expect(scene.seenOn(0)).toEqual([1]);
  });

  it('keeps the other number when that is the older one, or the lost one is back, or the other is over', async () => {
    const younger = new Scene(track(1, 20), track(2, 60));
    const back = new Scene(track(1, 60), track(2, 20));
    const over = new Scene(track(1, 60), track(2, 20));
    for (const scene of [younger, back, over]) await scene.interval(both, heirOnly);
    await younger.interval(heirOnly);
    await back.interval(both);
    over.ending.add(2);
    await over.interval(heirOnly);
    expect([younger, back, over].map(({ calls }) => calls)).toEqual([[], [], []]);
    expect([back, over].map(({ state }) => state.live.get(1)!.heir)).toEqual([null, null]);
  });

  it('is over when it is taken over, whoever its own heir was', async () => {
    const scene = new Scene(track(1, 60), track(2, 20, { heir: 3 }), track(3, 10));
    await scene.interval(both, { 2: band(38), 3: band(20, 60) });
    scene.state.live.get(2)!.heir = 3;
    await scene.interval({ 2: band(38), 3: band(20, 60) });
    expect([[...scene.ending], scene.seenOn(0)]).toEqual([[2], [1, 3]]);
  });

  it('has no heir in what was only near it, was lost with it, or was given', async () => {
    for (const [frames, changes] of [
      [[{ 1: band(40), 2: band(30) }, { 2: band(30) }], {}],
      [[both, {}], {}],
      [[{ 1: band(40), 2: band(40, 50) }, heirOnly], {}],
      [[both, heirOnly], { givenId: 5 }],
      [[heirOnly, heirOnly], {}],
    ] as const) {
      const elder = track(1, 60);
      await new Scene(elder, track(2, 20, changes)).interval(...frames);
      expect(elder.heir).toBeNull();
    }
  });

  it('remembers its heir in a checkpoint', () => {
    const out = new ByteWriter();
    for (const heir of [7, null]) writeTrack(out, track(1, 3, { heir }));
    const from = new ByteReader(out.finish());
    expect([readTrack(from).heir, readTrack(from).heir]).toEqual([7, null]);
    from.end();
  });
});
