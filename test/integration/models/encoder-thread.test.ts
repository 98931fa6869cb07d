import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ImageEmbedding } from '../../../contracts/segmenter';
import { bundleFilePath, ensureBundle, type ResolvedBundle } from '../../../models/bundles';
import { EncoderThread, encoderThreads, type EncoderThreadSetup } from '../../../models/sam/encoder-thread';
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
