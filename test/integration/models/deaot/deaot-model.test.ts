import type { PromptableSegmenter } from '../../../../contracts/segmenter';
import { createTrackerSession } from '../../../../core/tracking/create-session';
import { createTrackFrame } from '../../../../core/tracking/feature-cache';
import { isDeaotNetwork } from '../../../../contracts/video-network';
import type { DeaotModel } from '../../../../models/deaot/deaot-model';
import { openVideoNetwork } from '../../../../models/open-networks';
import { FakeSegmenter } from '../../../unit/tracking/fake-segmenter';
import { CHAIN_PROMPTS, expectSameLinesInChains } from '../tracker-chains';
import { golden, goldenImage, openGolden } from './deaot-golden';

const NAMES = ['deaots', 'aots'] as const;
const models = new Map<string, DeaotModel>();
beforeAll(async () => {
  for (const name of NAMES) models.set(name, await openGolden(name));
});
afterAll(() => Promise.all([...models.values()].map((model) => model.dispose())));

const segmenter: PromptableSegmenter = new FakeSegmenter();
const lines = golden.file.runs['forward']!.lines;
const given = lines[0]!.given.map(({ object, counts }) => ({ objectId: object, rle: golden.rle(counts) }));
const late = lines.find(({ frame }) => frame === 5)!.given[0]!;

describe.each(NAMES)('the DeAOT tracker with real graphs: %s', (name) => {
  const frame = async (t: number): Promise<ReturnType<typeof createTrackFrame>> => createTrackFrame(t, await goldenImage(t), segmenter);

  it('goes on bit for bit from a snapshot', async () => {
    const make = createTrackerSession('memory', { segmenter, memory: models.get(name)! });
    const session = make();
    await session.start(await frame(0));
    await session.addObjects(given.map((object) => ({ ...object, score: 1 })));
    for (let t = 1; t <= 5; t++) await session.step(await frame(t));
    const other = make();
    await other.restore(session.snapshot(), await frame(5));
    for (const one of [session, other]) await one.addObjects([{ objectId: 3, rle: golden.rle(late.counts), score: 1 }]);
    for (let t = 6; t <= 9; t++) expect(await other.step(await frame(t))).toEqual(await session.step(await frame(t)));
    expect(other.snapshot()).toEqual(session.snapshot());
  });

  it('gives in two chunks of a chain the lines of one run, and after a resume the same bytes', async () => {
    expect(await expectSameLinesInChains({ segmenter, memory: models.get(name)!, given, prompts: CHAIN_PROMPTS })).toEqual(new Set([1, 2, 8]));
  });

  it('takes a picture of every shape', async () => {
    const session = createTrackerSession('memory', { segmenter, memory: models.get(name)! })();
    for (const [width, height] of [[30, 400], [500, 17], [64, 64]] as const) {
      const picture = { width, height, data: new Uint8Array(width * height * 3).fill(90) };
      await session.start(createTrackFrame(0, picture, segmenter));
      await session.addObjects([{ objectId: 1, rle: { width, height, counts: Uint32Array.of(100, 200, width * height - 300) }, score: 1 }]);
      const [found] = await session.step(createTrackFrame(1, picture, segmenter));
      expect([found!.rle.width, found!.rle.height]).toEqual([width, height]);
      expect(found!.present).toBe(found!.rle.counts.length > 1);
    }
  });
});

describe('a DeAOT bundle', () => {
  it('is opened by its family, looks at pictures at the input size of the image model, and refuses settings that are none', async () => {
    const bundle = golden.bundleIn('deaots');
    const network = await openVideoNetwork(bundle, Object.assign(new FakeSegmenter(), { inputSize: 64 }));
    expect(isDeaotNetwork(network)).toBe(true);
    if (isDeaotNetwork(network)) expect(await network.encode(await goldenImage(0))).toMatchObject({ width: 65, height: 49, columns: 5, rows: 4 });
    await network.dispose();
    const files = bundle.manifest.files.map((file) => (file.role === 'deaot-settings' ? { ...file, path: 'bundle.json' } : file));
    await expect(openVideoNetwork({ ...bundle, manifest: { ...bundle.manifest, files } }, segmenter)).rejects.toThrow('deaot.json is not usable');
  });

  it('stops between network runs when it is told to', async () => {
    const reason = new Error('enough');
    await expect(models.get('deaots')!.encode(await goldenImage(0), AbortSignal.abort(reason))).rejects.toThrow('enough');
  });
});
