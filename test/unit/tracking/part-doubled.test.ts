import { encodeRle, rleArea, rleToBoxXywh } from '../../../core/mask/rle';
import { rleUnion } from '../../../core/mask/rle-ops';
import type { Rle } from '../../../core/mask/types';
import { createChunkState, type ChunkState } from '../../../core/tracking/chunk-state';
import { exchangeCrossed } from '../../../core/tracking/exchange-crossed';
import { partDoubled } from '../../../core/tracking/part-doubled';
import type { PendingFrame } from '../../../core/tracking/pending-frame';
import { countWritten, createTrack } from '../../../core/tracking/track';
import type { ObjectMask, TrackerSession } from '../../../core/tracking/types';

const [WIDTH, HEIGHT, SIZE] = [256, 64, 32];

function square(x: number, y: number, height = SIZE): Rle {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let row = y; row < y + height; row++) data.fill(1, row * WIDTH + x, row * WIDTH + x + SIZE);
  return encodeRle({ width: WIDTH, height: HEIGHT, data });
}

interface Film {
  readonly given?: number;
  readonly givenId?: number;
  readonly isOver?: boolean;
  readonly amends?: boolean;
  /** Rows of object 2 from where they meet on. */
  readonly height?: number;
}

interface Outcome {
  readonly calls: unknown[];
  readonly position: number;
  readonly newest: PendingFrame;
  readonly state: ChunkState;
}

/** Object 1 goes to the right at the top and 2 to the left at the bottom; where they meet, from frame 28 on, 2 is lost and the mask of 1 is on both. */
async function play({ given, givenId, isOver = false, amends = true, height = SIZE }: Film): Promise<Outcome> {
  const state = createChunkState();
  const calls: unknown[] = [];
  const note = (kind: string) => async (objects: readonly ObjectMask[], ...more: readonly number[]) => void calls.push([kind, ...objects.map(({ objectId, rle }) => [objectId, rleToBoxXywh(rle)[0]]), ...more]);
  const session = { name: 'memory', addObjects: note('add'), ...(amends && { amend: note('amend') }) } as Partial<TrackerSession> as TrackerSession;
  const embedding = { data: new Float32Array(256), channels: 1, gridSize: 16, inputSize: 256, imageWidth: WIDTH, imageHeight: HEIGHT, validWidth: 256, validHeight: 64 };
  let newest!: PendingFrame;
  for (let position = 0; position < 60 && calls.length === 0; position++) {
    const [right, left] = [square(3 * position, 0), square(180 - 3 * position, 24, position < 28 ? SIZE : height)];
    const isOne = position >= 28;
    const masks = new Map([[1, { rle: isOne ? rleUnion(right, left) : right, score: 0.9 }], ...(isOne ? [] : [[2, { rle: left, score: 0.8 }] as const])]);
    if (position === 0) for (const [id, { rle }] of masks) state.live.set(id, { ...createTrack(id, 0, rle, 0.9, id === 1 ? (givenId ?? null) : null), confirmed: true });
    for (const [id, { rle }] of masks) if (!isOne) countWritten(state.live.get(id)!.written, position, rleArea(rle));
    state.live.get(2)!.missed = isOne ? 2 : 0;
    newest = { frame: { position, image: {} as PendingFrame['frame']['image'], embedding: async () => embedding }, hash: '', masks };
    const interval = { session, state, pending: [newest], ending: new Set(isOver ? [2] : []) };
    await exchangeCrossed(interval, new Set());
    await partDoubled(interval, new Set(position > 28 && given !== undefined ? [given] : []));
  }
  return { calls, position: newest.frame.position, newest, state };
}

describe('a mask on two like objects that went through each other', () => {
  it('is parted when both are apart again: each piece goes to the object that was going there', async () => {
    const { calls, position, newest, state } = await play({});
    expect(position).toBeGreaterThan(35);
    expect(position).toBeLessThan(48);
    expect(calls).toEqual([['amend', [1, 3 * position], [2, 180 - 3 * position], expect.any(Number)]]);
    const since = (calls[0] as unknown[])[3] as number;
    expect(since).toBeGreaterThan(18);
    expect(since).toBeLessThanOrEqual(28);
    const boxes = [1, 2].map((id) => rleToBoxXywh(newest.masks.get(id)!.rle));
    expect(boxes).toEqual([[3 * position, 0, SIZE, SIZE], [180 - 3 * position, 24, SIZE, SIZE]]);
    expect(state.live.get(2)!.missed).toBe(0);
    expect(state.crossings.isMeeting(1)).toBe(false);
  });

  it('is given in pieces to a tracker that cannot forget', async () => {
    const { calls, position } = await play({ amends: false });
    expect(calls).toEqual([['add', [1, 3 * position], [2, 180 - 3 * position]]]);
  });

  it('stays where the user says that it is', async () => {
    expect((await play({ given: 1 })).calls).toEqual([]);
    expect((await play({ given: 2 })).calls).toHaveLength(1);
  });

  it('is parted where the user gave the object on an earlier frame', async () => {
    expect((await play({ givenId: 9 })).calls).toHaveLength(1);
  });

  it('is one object when the other is over, or a piece is less than the object is', async () => {
    expect((await play({ isOver: true })).calls).toEqual([]);
    expect((await play({ height: 16 })).calls).toEqual([]);
  });
});
