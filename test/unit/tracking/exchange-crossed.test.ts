import type { ImageEmbedding } from '../../../contracts/segmenter';
import { encodeRle, rleToBoxXywh } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { learnAppearance } from '../../../core/tracking/appearance';
import { createChunkState } from '../../../core/tracking/chunk-state';
import { exchangeCrossed } from '../../../core/tracking/exchange-crossed';
import type { PendingFrame } from '../../../core/tracking/pending-frame';
import { createTrack } from '../../../core/tracking/track';
import type { ObjectMask, TrackerSession } from '../../../core/tracking/types';

const [WIDTH, HEIGHT, SIZE] = [256, 64, 32];

function square(x: number, y: number): Rle {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let row = y; row < y + SIZE; row++) data.fill(1, row * WIDTH + x, row * WIDTH + x + SIZE);
  return encodeRle({ width: WIDTH, height: HEIGHT, data });
}

/** Two channels: the upper half of the picture looks like [1, 0], the lower one like [0, 1]; where both look alike everything is like the left half. */
function embeddingOf(areAlike: boolean): ImageEmbedding {
  const gridSize = 16;
  const data = new Float32Array(2 * gridSize * gridSize);
  for (let y = 0; y < gridSize; y++) for (let x = 0; x < gridSize; x++) data[(areAlike ? x >= 8 : y >= 2) ? gridSize * gridSize + y * gridSize + x : y * gridSize + x] = 1;
  return { data, channels: 2, gridSize, inputSize: 256, imageWidth: WIDTH, imageHeight: HEIGHT, validWidth: 256, validHeight: 64 };
}

interface Film {
  readonly areAlike?: boolean;
  readonly exchanges?: boolean;
  readonly given?: (position: number) => ReadonlySet<number>;
}

/** Object 1 goes to the right at the top and 2 to the left at the bottom; from frame 30, where they meet, each track is on the other's object. */
async function play({ areAlike = true, exchanges = true, given = () => new Set() }: Film): Promise<{ calls: unknown[]; last: PendingFrame[] }> {
  const state = createChunkState();
  const calls: unknown[] = [];
  const session = {
    name: 'memory',
    addObjects: async (objects: readonly ObjectMask[]) => void calls.push(...objects.map(({ objectId, rle }) => ['add', objectId, rleToBoxXywh(rle)[0]])),
    ...(exchanges && { exchange: (...args: readonly number[]) => void calls.push(['exchange', ...args]) }),
  } as Partial<TrackerSession> as TrackerSession;
  const embedding = embeddingOf(areAlike);
  let pending: PendingFrame[] = [];
  let isTurned = true;
  for (let position = 0; position < 60 && calls.length === 0; position++) {
    if (position === 32) pending = [];
    const [right, left] = [square(3 * position, 0), square(180 - 3 * position, 24)];
    isTurned = position >= 30;
    const masks = new Map([[1, { rle: isTurned ? left : right, score: 0.9 }], [2, { rle: isTurned ? right : left, score: 0.9 }]]);
    if (position === 0) {
      for (const [id, { rle }] of masks) state.live.set(id, { ...createTrack(id, 0, rle, 0.9), confirmed: true });
      learnAppearance(state.live.get(1)!.appearance, areAlike ? Float32Array.of(1, 0) : Float32Array.of(0, 1));
      learnAppearance(state.live.get(2)!.appearance, Float32Array.of(1, 0));
    }
    pending.push({ frame: { position, image: {} as PendingFrame['frame']['image'], embedding: async () => embedding }, hash: '', masks });
    await exchangeCrossed({ session, state, pending, ending: new Set() }, given(position));
  }
  return { calls, last: pending };
}

describe('two tracks that went through each other and came out as the other', () => {
  it('get their own objects back, on every frame since they met that is not final yet, and what is remembered', async () => {
    const { calls, last } = await play({});
    const { position } = last.at(-1)!.frame;
    expect(position).toBeGreaterThan(32);
    expect(calls).toEqual([['exchange', 1, 2]]);
    for (const { frame, masks } of last) expect([frame.position, rleToBoxXywh(masks.get(1)!.rle)[0], rleToBoxXywh(masks.get(2)!.rle)[0]]).toEqual([frame.position, 3 * frame.position, 180 - 3 * frame.position]);
  });

  it('are given to a tracker that cannot exchange what it remembers', async () => {
    const { calls, last } = await play({ exchanges: false });
    const { position } = last.at(-1)!.frame;
    expect(calls).toEqual([['add', 1, 3 * position], ['add', 2, 180 - 3 * position]]);
  });

  it('stay what they are when each looks like itself, not like the other', async () => {
    const { calls } = await play({ areAlike: false });
    expect(calls).toEqual([]);
  });

  it('stay where the user says they are', async () => {
    const { calls } = await play({ given: (position) => new Set(position === 33 ? [2] : []) });
    expect(calls).toEqual([]);
  });
});
