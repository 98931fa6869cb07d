import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ImageEmbedding } from '../../../contracts/segmenter';
import { bundleFilePath, ensureBundle, type ResolvedBundle } from '../../../models/bundles';
import { EncoderThread, encoderThreads, MOST_PREPARED, type EncoderThreadSetup } from '../../../models/sam/encoder-thread';
import { createSamModel } from '../../../models/sam/sam-model';
import { readFixtureImage } from './support';

const ENTRY = join(__dirname, '../../../dist/models/sam/encoder-thread-entry.js');
const INPUT_SIZE = 512;

/** Every number of an embedding, as hashes. */
function bytesOf(embedding: ImageEmbedding): unknown {
  const hash = (data: Float32Array): string => createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex');
  return JSON.parse(JSON.stringify(embedding, (_, value: unknown) => (value instanceof Float32Array ? hash(value) : value)));
}

describe('the encoder on a thread of its own', () => {
  let bundle: ResolvedBundle;
  let setup: EncoderThreadSetup;

  beforeAll(async () => {
    bundle = await ensureBundle('mobilesam');
    setup = { graphPath: bundleFilePath(bundle, 'encoder-512'), label: 'mobilesam encoder-512', inputSize: INPUT_SIZE, intraOpThreads: 1 };
  });

  it('gives the same bits as in the caller, one picture after the other', async () => {
    const image = await readFixtureImage('frames/blocks.png');
    const mirrored = { ...image, data: Uint8Array.from(image.data).reverse() };
    const model = await createSamModel(bundle, INPUT_SIZE);
    const thread = await EncoderThread.start(setup, ENTRY);
    try {
      const found = await Promise.all([thread.encode(image), thread.encode(mirrored)]);
      expect(bytesOf(found[0])).toEqual(bytesOf(await model.encode(image)));
      expect(bytesOf(found[1])).toEqual(bytesOf(await model.encode(mirrored)));
      expect(thread.inferenceMs()).toBeGreaterThan(0);
    } finally {
      await thread.dispose();
      await model.dispose();
    }
    await expect(thread.encode(image)).rejects.toThrow('has ended');
  });

  it('gives the same of pictures that were prepared, also of those that are prepared no more', async () => {
    const image = await readFixtureImage('frames/blocks.png');
    const pictures = Array.from({ length: MOST_PREPARED + 2 }, (_, i) => ({ ...image, data: image.data.map((value) => value ^ (16 * i)) }));
    const thread = await EncoderThread.start(setup, ENTRY);
    try {
      const sent = [];
      for (const picture of pictures) sent.push(bytesOf(await thread.encode(picture)));
      for (const picture of pictures) thread.prepare(picture);
      thread.prepare(pictures.at(-1)!);
      for (const [i, picture] of pictures.entries()) expect(bytesOf(await thread.encode(picture))).toEqual(sent[i]);
      expect(bytesOf(await thread.encode(pictures.at(-1)!))).toEqual(sent.at(-1));
      expect(new Set(sent.map((bytes) => JSON.stringify(bytes))).size).toBe(pictures.length);
      // One that cannot be prepared fails when it is asked for, by itself.
      const damaged = { width: 4, height: 4, data: undefined as unknown as Uint8Array };
      thread.prepare(damaged);
      await expect(thread.encode(damaged)).rejects.toThrow();
      expect(bytesOf(await thread.encode(image))).toEqual(sent[0]);
    } finally {
      await thread.dispose();
    }
  }, 60_000);

  it('says why it cannot start, and refuses a picture that is no longer wanted', async () => {
    await expect(EncoderThread.start({ ...setup, graphPath: `${setup.graphPath}.gone.onnx` }, ENTRY)).rejects.toMatchObject({ failure: 'InferenceFailed', message: expect.stringContaining('cannot be loaded') as string });
    await expect(EncoderThread.start(setup, `${ENTRY}.gone`)).rejects.toThrow();
    const thread = await EncoderThread.start(setup, ENTRY);
    try {
      await expect(thread.encode(await readFixtureImage('frames/blocks.png'), AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
      // What the graph cannot take fails by itself, and the thread goes on.
      await expect(thread.encode({ width: 4, height: 4, data: undefined as unknown as Uint8Array })).rejects.toThrow();
      expect((await thread.encode(await readFixtureImage('frames/blocks.png'))).gridSize).toBe(INPUT_SIZE / 16);
    } finally {
      await thread.dispose();
    }
  });

  it('is not for a single core', () => {
    expect([1, 2, 3, 8].map((cores) => encoderThreads(cores))).toEqual([0, 2, 3, 8]);
  });
});
