import { xmemSettingsSchema, type XmemFrame, type XmemNetwork, type XmemSettings } from '../../../contracts/xmem-network';
import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { encodeRle } from '../../../core/mask/rle';
import { TokenStore } from '../../../core/tracking/token-memory/token-store';
import type { TrackFrame } from '../../../core/tracking/types';
import { masksOfXmemLogits } from '../../../core/tracking/xmem/xmem-masks';
import { XmemMemory } from '../../../core/tracking/xmem/xmem-memory';
import { XmemTracker } from '../../../core/tracking/xmem/xmem-tracker';

const SETTINGS = xmemSettingsSchema.parse({
  size: -1, mem_every: 3, deep_update_every: -1, top_k: 30, enable_long_term: true, max_mid_term_frames: 10, min_mid_term_frames: 5,
  num_prototypes: 8, max_long_term_elements: 40, key_dim: 1, value_dim: 1, hidden_dim: 1, image_dim: 1, up_dims: [1, 1, 1],
});
const CELLS = 4;

/** A hidden state counts updates: 1 for each of the decoder's, 100 for each deep one. Every object is everywhere. */
function countingNetwork(settings: XmemSettings): XmemNetwork {
  const none = new Float32Array(CELLS);
  return {
    settings,
    encodeFrame: async (picture): Promise<XmemFrame> => ({ picture, rows: 2, columns: 2, f16: none, skip8: none, skip4: none, key: none, shrinkage: none, selection: none }),
    affinity: async () => ({ k: 1, weights: new Float32Array(CELLS).fill(1), indices: new Float32Array(CELLS) }),
    segment: async (_frame, objects, _readout, hidden) => ({ logits: new Float32Array(16 * CELLS * objects).fill(5), hidden: hidden.map((value) => value + 1) }),
    encodeValues: async (_frame, objects, hidden) => ({ values: new Float32Array(CELLS * objects), hidden: hidden.map((value) => value + 100) }),
    inferenceMs: () => 0,
    dispose: async () => undefined,
  };
}

const frame = (position: number): TrackFrame => ({ position, image: { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3) }, embedding: (): ReturnType<PromptableSegmenter['encode']> => Promise.reject(new Error('not needed')) });
const mask = (objectId: number): { objectId: number; rle: ReturnType<typeof encodeRle>; score: number } => ({ objectId, rle: encodeRle({ width: 32, height: 32, data: Uint8Array.from({ length: 1024 }, (_, i) => (i % 32 < 8 * objectId ? 1 : 0)) }), score: 1 });

/** Hidden states by object whenever a frame is left, with object 1 given on the first frame and others as told. */
async function hiddenStates(settings: XmemSettings, steps: number, given: Readonly<Record<number, number>> = {}): Promise<number[][]> {
  const seen: number[][] = [];
  const session = new XmemTracker({ network: countingNetwork(settings), onLeave: (memory) => seen.push([...memory.objects.values()].map(({ hidden }) => hidden[0]!)) });
  await session.start(frame(0));
  await session.addObjects([mask(1)]);
  for (let t = 1; t <= steps; t++) {
    await session.step(frame(t));
    const late = given[t];
    if (late !== undefined) await session.addObjects([mask(late)]);
  }
  return seen;
}

describe("XMem's hidden state", () => {
  it('has a deep update on remembered frames and the other one between them', async () => {
    expect((await hiddenStates(SETTINGS, 7)).flat()).toEqual([100, 101, 102, 202, 203, 204, 304]);
  });

  it('is not updated by a frame on which an object is given after it was segmented, but by its memory', async () => {
    expect(await hiddenStates(SETTINGS, 4, { 2: 2 })).toEqual([[100], [101], [201, 100], [202, 101]]);
  });

  it('with deep updates apart is updated on every frame, and deeply where one is due on a remembered frame', async () => {
    expect((await hiddenStates({ ...SETTINGS, deep_update_every: 4 }, 8)).flat()).toEqual([100, 101, 102, 103, 104, 105, 206, 207]);
  });

  it('of the current frame waits in the snapshot', async () => {
    const network = countingNetwork(SETTINGS);
    const session = new XmemTracker({ network });
    await session.start(frame(0));
    await session.addObjects([mask(1)]);
    await session.step(frame(1));
    let hidden = 0;
    const other = new XmemTracker({ network, onLeave: (memory) => (hidden = memory.objects.get(1)!.hidden[0]!) });
    await other.restore(session.snapshot(), frame(1));
    await other.step(frame(2));
    expect(hidden).toBe(101);
    await expect(other.restore(session.snapshot().slice(0, -4), frame(1))).rejects.toThrow(RangeError);
    await expect(other.restore(Uint8Array.of(1, 2, 3, 4), frame(1))).rejects.toThrow('not a snapshot of the XMem tracker');
  });
});

it('long-term memory never holds more than is allowed', () => {
  const { makeRoom, prototypes } = new XmemMemory(SETTINGS).rules;
  const long = new TokenStore();
  for (let round = 0; round < 20; round++) {
    makeRoom(long);
    long.append({ count: prototypes, keys: new Float32Array(prototypes), shrinkage: new Float32Array(prototypes), selection: new Float32Array(0), values: new Map() });
    expect(long.count).toBeLessThanOrEqual(SETTINGS.max_long_term_elements);
    long.countUse(Float64Array.from({ length: long.count }, (_, i) => (i * 7919) % 101), 0);
  }
  expect(long.count).toBe(40);
});

it('logits are made larger before objects compete', () => {
  const logits = new Float32Array(16).map((_, i) => (i % 4 < 2 ? -8 : 8));
  const { background, objects } = masksOfXmemLogits([logits], { rows: 1, columns: 1 });
  expect(objects[0]).toHaveLength(256);
  // Half-way between the columns the logit is 0, and the object as likely as not.
  const [before, after] = [objects[0]![7]!, objects[0]![8]!];
  expect([before + after, background[7]! + before]).toEqual([expect.closeTo(1), expect.closeTo(1)]);
  // Logit -1 an eighth of the way before it; alone, an object competes with its own absence: odds are squared.
  expect(before).toBeCloseTo(1 / (1 + Math.exp(2 * 2)), 5);
});

it.each([[{ min_mid_term_frames: 10 }], [{ max_long_term_elements: 8 }], [{ deep_update_every: -2 }], [{ top_k: 0 }]])('settings without room for memory are refused: %j', (wrong) => {
  expect(xmemSettingsSchema.safeParse({ ...SETTINGS, ...wrong }).success).toBe(false);
});
