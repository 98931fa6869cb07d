import { isEmptyRle } from '../../../core/mask/rle';
import { createTrackerSession } from '../../../core/tracking/create-session';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { openImageSegmenter, openVideoNetwork } from '../../../models/open-networks';
import type { Sam2Model } from '../../../models/sam2/sam2-model';
import { expectSameMasks, promptCases } from './sam2-checks';
import { Golden, goldenImage } from './sam2-golden';
import { CHAIN_PROMPTS, expectSameLinesInChains } from './tracker-chains';

const golden = new Golden('sam2');
let model: Sam2Model;
beforeAll(async () => (model = await golden.open()));
afterAll(() => model.dispose());

describe('SAM 2 as an image model', () => {
  it.each(promptCases(golden))('draws the masks of the Python original for labels %s', async (_labels, prompt) => {
    await expectSameMasks(model, golden, prompt);
  });

  it('gives the same in one run for many prompts as one by one, and the three masks alone', async () => {
    const embedding = await model.encode(await goldenImage(3));
    const points = Array.from({ length: 11 }, (_, i) => [10 + 13 * i, 20 + 7 * i] as const);
    const batch = (some: typeof points): Parameters<Sam2Model['decode']>[1] => ({ count: some.length, pointsPerPrompt: 1, pointCoords: Float32Array.from(some.flat()), pointLabels: new Float32Array(some.length).fill(1) });
    const many = await model.decode(embedding, batch(points));
    const three = await model.decodePoints(embedding, batch(points));
    const perMask = 32 * 32;
    for (const [i, point] of points.entries()) {
      const one = await model.decode(embedding, batch([point]));
      one.logits.forEach((value, k) => expect(Math.abs(value - many.logits[i * 4 * perMask + k]!)).toBeLessThan(1e-4));
    }
    expect(three.masksPerPrompt).toBe(3);
    expect(three.logits.subarray(3 * perMask, 6 * perMask)).toEqual(many.logits.subarray(5 * perMask, 8 * perMask));
    expect(Array.from(three.predictedIous.subarray(0, 3))).toEqual(Array.from(many.predictedIous.subarray(1, 4)));
  });

  it('is opened by its family, and refuses another input size and settings that are none', async () => {
    const bundle = golden.bundle();
    const segmenter = await openImageSegmenter(bundle, 128);
    expect(await openVideoNetwork(bundle, segmenter)).toBe(segmenter);
    await segmenter.dispose();
    await expect(openImageSegmenter(bundle, 256)).rejects.toThrow('it offers 128');
    const files = bundle.manifest.files.map((file) => (file.role === 'sam2-settings' ? { ...file, path: 'bundle.json' } : file));
    await expect(openImageSegmenter({ ...bundle, manifest: { ...bundle.manifest, files } }, 128)).rejects.toThrow('sam2.json is not usable');
  });
});

describe('the SAM 2 tracker with real graphs', () => {
  const given = golden.runs.forward.lines[0]!.given.map(({ object, counts }) => ({ objectId: object, rle: golden.rle(counts) }));

  it('goes on bit for bit from a snapshot', async () => {
    const make = createTrackerSession('memory', { segmenter: model, memory: model });
    const frame = async (t: number): Promise<ReturnType<typeof createTrackFrame>> => createTrackFrame(t, await goldenImage(t), model);
    const session = make();
    await session.start(await frame(0));
    await session.addObjects(given.map((object) => ({ ...object, score: 1 })));
    for (let t = 1; t <= 5; t++) await session.step(await frame(t));
    const other = make();
    await other.restore(session.snapshot(), await frame(5));
    for (let t = 6; t <= 9; t++) expect(await other.step(await frame(t))).toEqual(await session.step(await frame(t)));
    expect(other.snapshot()).toEqual(session.snapshot());
  });

  it('gives in two chunks of a chain the lines of one run, and after a resume the same bytes', async () => {
    expect(await expectSameLinesInChains({ segmenter: model, memory: model, given, prompts: CHAIN_PROMPTS })).toEqual(new Set([1, 2, 8]));
  });

  it('takes a mask of every size of picture', async () => {
    const session = createTrackerSession('memory', { segmenter: model, memory: model })();
    const tall = { width: 30, height: 400, data: new Uint8Array(30 * 400 * 3).fill(90) };
    await session.start(createTrackFrame(0, tall, model));
    await session.addObjects([{ objectId: 1, rle: { width: 30, height: 400, counts: Uint32Array.of(4000, 200, 7800) }, score: 1 }]);
    const [found] = await session.step(createTrackFrame(1, tall, model));
    expect([found!.rle.width, found!.rle.height, found!.present]).toEqual([30, 400, !isEmptyRle(found!.rle)]);
  });
});
