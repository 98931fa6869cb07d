import type { MemoryNetwork } from '../../../contracts/memory-network';
import type { PromptableSegmenter, RgbImage } from '../../../contracts/segmenter';
import { encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { createTrackerSession } from '../../../core/tracking/create-session';
import type { TrackFrame } from '../../../core/tracking/types';
import { packHalfs, unpackHalfs } from '../../../core/tracking/float16';
import { ensureBundle, hasMemoryNetwork } from '../../../models/bundles';
import { createMemoryModel } from '../../../models/memory/memory-model';
import { createSamModel } from '../../../models/sam/sam-model';
import { readFixtureImage } from './support';

/** The picture moved right by dx pixels; what comes in repeats the border. */
function shift({ width, height, data }: RgbImage, dx: number): RgbImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * width + Math.min(width - 1, Math.max(0, x - dx))) * 3;
      out.set(data.subarray(from, from + 3), (y * width + x) * 3);
    }
  return { width, height, data: out };
}

function rectangle({ width, height }: RgbImage, x0: number, y0: number, x1: number, y1: number): Rle {
  const data = new Uint8Array(width * height);
  for (let y = y0; y < y1; y++) data.fill(1, y * width + x0, y * width + x1);
  return encodeRle({ width, height, data });
}

describe('the memory network of the built-in bundle', () => {
  let segmenter: PromptableSegmenter;
  let memory: MemoryNetwork;
  let picture: RgbImage;
  let frames: TrackFrame[];
  beforeAll(async () => {
    const bundle = await ensureBundle('mobilesam');
    segmenter = await createSamModel(bundle, 512);
    memory = await createMemoryModel(bundle);
    picture = await readFixtureImage('frames/blocks.png');
    frames = [0, 4, 8, 12].map((dx, t) => createTrackFrame(t, shift(picture, dx), segmenter));
  });
  afterAll(async () => {
    await memory?.dispose();
    await segmenter?.dispose();
  });

  it('makes unit-length keys on a grid of whole pairs of cells, the same at every call', async () => {
    const embedding = await frames[0]!.embedding();
    expect(embedding.stride4).toMatchObject({ channels: 64, gridSize: 128 });
    expect(embedding.stride8).toMatchObject({ channels: 128, gridSize: 64 });
    const before = memory.inferenceMs();
    const [a, b] = [await memory.key(embedding), await memory.key(embedding)];
    expect(memory.inferenceMs()).toBeGreaterThan(before);
    expect([a.columns % 2, a.rows % 2]).toEqual([0, 0]);
    const cells = a.columns * a.rows;
    expect(a.key.length).toBe(memory.sizes.keyChannels * cells);
    const key = unpackHalfs(a.key);
    for (const cell of [0, 17, cells - 1]) {
      let squares = 0;
      for (let c = 0; c < memory.sizes.keyChannels; c++) squares += key[c * cells + cell]! ** 2;
      expect(squares).toBeCloseTo(1, 3);
    }
    expect(Buffer.from(a.key.buffer).equals(Buffer.from(b.key.buffer))).toBe(true);
    expect(a.detail.length).toBe(memory.sizes.detailChannels * 4 * cells);
    await expect(memory.key({ ...embedding, stride4: undefined })).rejects.toThrow('has no output stride4_features');
    await expect(memory.key({ ...embedding, stride8: undefined })).rejects.toThrow('has no output stride8_features');
  });

  it('leaves frames out that do not know an object', async () => {
    const query = await memory.key(await frames[1]!.embedding());
    const other = await memory.key(await frames[0]!.embedding());
    const cells = query.columns * query.rows;
    const mask = new Float32Array(cells).fill(0).fill(1, 0, cells >> 1);
    const value = await memory.value(other, 1, mask, new Float32Array(cells));
    const read = (frameCount: number, valid: readonly number[]) => {
      const memoryKeys = new Uint16Array(frameCount * other.key.length);
      const memoryValues = new Uint16Array(frameCount * value.length);
      for (let t = 0; t < frameCount; t++) memoryKeys.set(other.key, t * other.key.length);
      // The newest frame comes last; what stands on the older one must not count.
      memoryValues.fill(packHalfs(Float32Array.of(7))[0]!);
      memoryValues.set(value, (frameCount - 1) * value.length);
      return memory.read({ query, frames: frameCount, objects: 1, memoryKeys, memoryValues, valid: Float32Array.from(valid), given: Float32Array.from(valid), previousMasks: mask });
    };
    const alone = await read(1, [1]);
    expect(alone.logits.length).toBe(4 * cells);
    const beside = await read(2, [0, 1]);
    const largest = (a: Float32Array, b: Float32Array): number => a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
    expect(alone.logits.every(Number.isFinite)).toBe(true);
    expect(largest(alone.logits, beside.logits)).toBeLessThan(1e-3);
    expect(largest(alone.presence, beside.presence)).toBeLessThan(1e-3);
  });

  it.each([false, true])('goes on with the same bits from a snapshot (sharpened: %p)', async (sharpen) => {
    const create = createTrackerSession('memory', { segmenter, memory, sharpen });
    const session = create();
    await session.start(frames[0]!);
    await session.addObjects([
      { objectId: 2, rle: rectangle(picture, 100, 100, 260, 220), score: 1 },
      { objectId: 7, rle: rectangle(picture, 400, 60, 520, 240), score: 1 },
    ]);
    await session.step(frames[1]!);
    const snapshot = session.snapshot();
    const other = createTrackerSession('memory', { segmenter, memory, sharpen })();
    await other.restore(snapshot, createTrackFrame(1, frames[1]!.image, segmenter));
    for (const frame of frames.slice(2)) {
      const masks = await session.step(frame);
      expect(masks.map(({ objectId }) => objectId)).toEqual([2, 7]);
      expect(await other.step(createTrackFrame(frame.position, frame.image, segmenter))).toEqual(masks);
    }
    expect(Buffer.from(other.snapshot()).equals(session.snapshot())).toBe(true);
    await session.dispose();
  });

  it('is refused for a bundle without one', async () => {
    const bundle = await ensureBundle('mobilesam');
    const without = { ...bundle, manifest: { ...bundle.manifest, files: bundle.manifest.files.filter(({ role }) => !role.startsWith('memory')) } };
    expect(hasMemoryNetwork(without.manifest)).toBe(false);
    await expect(createMemoryModel(without)).rejects.toThrow('has no memory network; use --tracker prompt');
  });
});
