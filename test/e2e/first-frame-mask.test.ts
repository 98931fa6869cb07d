import { writeFile } from 'node:fs/promises';
import { encodeIndexedPng } from '../../adapters/png/indexed-png';
import { demoTruth, writeDemoFilm } from '../../cli/demo/demo-film';
import { readMaskLines } from '../../cli/result/read-masks';
import { labelMapToRles, type LabelMap } from '../../core/metrics/label-map';
import { regionSimilarity } from '../../core/metrics/region-similarity';
import { fromCocoRle } from '../../core/mask/rle-string';
import { VamgHome } from '../support/vamg';

const FRAMES = 12;
const OPTIONS = ['--preset', 'draft', '--points-per-side', '4', '--no-overlay', '--no-viewer'];

describe('objects given on the first frame', () => {
  const home = new VamgHome();
  afterAll(() => home.dispose());
  let labels: LabelMap;
  /** Numbers in the mask by number in the truth: what a user chooses, neither dense nor in order of anything. */
  const numberOf = (value: number): number => (value === 0 ? 0 : 200 - 30 * value);

  beforeAll(async () => {
    await writeDemoFilm(home.path('film.mp4'), FRAMES);
    labels = (await demoTruth()(0))!.labels;
    await writeFile(home.path('first.png'), await encodeIndexedPng({ width: labels.width, height: labels.height, data: Uint8Array.from(labels.data, numberOf) }));
  });

  it.each(['prompt', 'iou', 'memory'])('keep the numbers of the mask as their IDs (%s tracker)', async (tracker) => {
    const run = await home.run(['segment', 'film.mp4', '--first-frame-mask', 'first.png', '--tracker', tracker, '--out', tracker, ...OPTIONS]);
    expect(`${run.code} ${run.code === 0 ? '' : run.stderr}`).toBe('0 ');
    let position = 0;
    for await (const { frame, objects } of readMaskLines(home.path(tracker))) {
      expect(frame).toBe(position++);
      if (frame > 0) continue;
      // The given masks themselves, bit for bit, on the frame that they were given for.
      for (const [value, truth] of labelMapToRles(labels)) {
        const found = objects.find(({ id }) => id === numberOf(value));
        expect([value, found && regionSimilarity(fromCocoRle(found.segmentation), truth)]).toEqual([value, 1]);
      }
    }
    expect(position).toBe(FRAMES);
  });

  it('are refused at once when the mask does not fit the film', async () => {
    await writeFile(home.path('small.png'), await encodeIndexedPng({ width: 2, height: 1, data: Uint8Array.of(0, 1) }));
    const run = await home.run(['segment', 'film.mp4', '--first-frame-mask', 'small.png', ...OPTIONS]);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('The first-frame mask is 2x1')]);
  });
});
