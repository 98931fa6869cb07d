import { memoryPlaces } from '../../../../contracts/sam2-network';
import { createTrackerSession } from '../../../../core/tracking/create-session';
import { createTrackFrame } from '../../../../core/tracking/feature-cache';
import { openImageSegmenter, openVideoNetwork } from '../../../../models/open-networks';
import type { Sam2Model } from '../../../../models/sam2/sam2-model';
import { expectSameMasks, expectSameRun, promptCases } from '../sam2-checks';
import { Golden, goldenImage } from '../sam2-golden';

const golden = new Golden('edgetam');
let model: Sam2Model;
beforeAll(async () => (model = await golden.open()));
afterAll(() => model.dispose());

const frame = async (t: number): Promise<ReturnType<typeof createTrackFrame>> => createTrackFrame(t, await goldenImage(t), model);

describe('the EdgeTAM tracker', () => {
  it.each(Object.entries(golden.runs))('gives the logits of the Python original within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, run) => {
    // Its random masks are speckled: among objects that share no pixel, some of the 18816 are won by less than rounding.
    await expectSameRun(model, golden, run, run.settings.non_overlap_masks ? 12 : 2);
  });

  it('goes on bit for bit from a snapshot, which holds latents in place of the grid', async () => {
    const { settings, inputSize } = model;
    expect(memoryPlaces(settings, inputSize)).toBe(8 + 16);
    const make = createTrackerSession('memory', { segmenter: model, memory: model });
    const session = make();
    await session.start(await frame(0));
    await session.addObjects(golden.runs.forward.lines[0]!.given.map(({ object, counts }) => ({ objectId: object, rle: golden.rle(counts), score: 1 })));
    for (let t = 1; t <= 5; t++) await session.step(await frame(t));
    const snapshot = session.snapshot();
    // 2 objects, 4 memories in bfloat16, 6 pointers.
    expect(snapshot.length).toBeLessThan(2 * (4 * 2 * settings.mem_dim * 24 + 6 * 4 * settings.hidden_dim) + 300);
    const other = make();
    await other.restore(snapshot, await frame(5));
    for (let t = 6; t <= 9; t++) expect(await other.step(await frame(t))).toEqual(await session.step(await frame(t)));
    expect(other.snapshot()).toEqual(session.snapshot());
  });
});

describe('EdgeTAM as an image model', () => {
  it.each(promptCases(golden))('draws the masks of the Python original for labels %s', async (_labels, prompt) => {
    await expectSameMasks(model, golden, prompt);
  });

  it('is opened from the same bundle, as one of the family sam2', async () => {
    const segmenter = await openImageSegmenter(golden.bundle(), 128);
    expect(await openVideoNetwork(golden.bundle(), segmenter)).toBe(segmenter);
    await segmenter.dispose();
  });
});
