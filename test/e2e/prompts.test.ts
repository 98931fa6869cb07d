import { readFile, writeFile } from 'node:fs/promises';
import { demoTruth, writeDemoFilm } from '../../cli/demo/demo-film';
import { readMaskLines } from '../../cli/result/read-masks';
import { readSeams } from '../../cli/result/read-seams';
import { fromCocoRle } from '../../core/mask/rle-string';
import type { Rle } from '../../core/mask/types';
import { labelMapToRles } from '../../core/metrics/label-map';
import { regionSimilarity } from '../../core/metrics/region-similarity';
import { VamgHome } from '../support/vamg';

const FRAMES = 44;
/** Chunks [0, 26) and [18, 44). */
const OPTIONS = ['--preset', 'draft', '--chunk-frames', '26', '--overlap-frames', '8', '--no-overlay', '--no-viewer'];

/** Numbers in the truth (its actors in order) by the IDs that the prompts give. */
const TRUTH_OF: Readonly<Record<number, number>> = { 30: 4, 12: 1, 7: 5 };
const PROMPTS = {
  objects: [
    // A point in the first chunk: followed back to the start, and on through the second.
    { id: 30, label: 'green leaf', prompts: [{ frame: 12, points: [[92, 46]] }] },
    // A box on a frame that both chunks see.
    { id: 12, prompts: [{ time: 20 / 24, box: [88, 150, 150, 212] }] },
    // Points and a box in the second chunk; it comes into the picture on frame 33.
    { id: 7, prompts: [{ frame: 41, points: [[468, 130], [300, 200]], labels: [1, 0] }, { frame: 41, box: [455, 102, 480, 156] }] },
  ],
};

describe('objects given by prompts', () => {
  const home = new VamgHome();
  afterAll(() => home.dispose());
  let truth: ReadonlyMap<number, Rle>[];

  beforeAll(async () => {
    await writeDemoFilm(home.path('film.mp4'), FRAMES);
    const at = demoTruth();
    truth = await Promise.all(Array.from({ length: FRAMES }, async (_, frame) => labelMapToRles((await at(frame))!.labels)));
    await writeFile(home.path('prompts.json'), JSON.stringify(PROMPTS));
  });

  it('are followed in both directions and across chunks under their own IDs, and nothing else is', async () => {
    const run = await home.run(['segment', 'film.mp4', '--prompts', 'prompts.json', '--only-prompted', '--out', 'out', ...OPTIONS]);
    expect(`${run.code} ${run.code === 0 ? '' : run.stderr}`).toBe('0 ');
    const ids = new Set<number>();
    const seen = new Map<number, number[]>();
    const similarities = new Map<number, number[]>();
    for await (const { frame, objects } of readMaskLines(home.path('out'))) {
      for (const { id, segmentation } of objects) {
        ids.add(id);
        seen.set(id, [...(seen.get(id) ?? []), frame]);
        const real = truth[frame]!.get(TRUTH_OF[id] ?? -1);
        similarities.set(id, [...(similarities.get(id) ?? []), real ? regionSimilarity(fromCocoRle(segmentation), real) : 0]);
      }
    }
    expect([...ids].sort((a, b) => a - b)).toEqual([7, 12, 30]);
    const all = Array.from({ length: FRAMES }, (_, i) => i);
    expect([seen.get(30), seen.get(12)]).toEqual([all, all]);
    // The tip of the late one is a few pixels on its first frames.
    expect(seen.get(7)![0]).toBeGreaterThanOrEqual(32);
    expect(seen.get(7)![0]).toBeLessThanOrEqual(39);
    expect(seen.get(7)!.at(-1)).toBe(FRAMES - 1);
    for (const [id, values] of similarities) expect([id, values.reduce((sum, value) => sum + value) / values.length > 0.8]).toEqual([id, true]);
    const { objects } = JSON.parse(await readFile(home.path('out/result.json'), 'utf8')) as { objects: { id: number; label?: string }[] };
    expect(objects.map(({ id, label }) => [id, label])).toEqual([[7, undefined], [12, undefined], [30, 'green leaf']]);
    await home.quiet();
  });

  it('stay what they are when that result is stitched again', async () => {
    const run = await home.run(['restitch', 'out', '--reidentify', '--stitch-margin', '0.2', '--out', 'again']);
    expect(`${run.code} ${run.code === 0 ? '' : run.stderr}`).toBe('0 ');
    const read = (name: string): Promise<string> => readFile(home.path(name), 'utf8');
    expect(await read('again/masks.jsonl')).toBe(await read('out/masks.jsonl'));
    const [before, after] = (await Promise.all(['out', 'again'].map((folder) => read(`${folder}/result.json`)))).map((text) => JSON.parse(text) as { objects: unknown; options: { planning: { reidentify: boolean } } });
    expect(after!.objects).toEqual(before!.objects);
    expect([before, after].map((result) => result!.options.planning.reidentify)).toEqual([false, true]);
    const seams = await readSeams(home.path('again'));
    expect([seams?.length, seams]).toEqual([1, await readSeams(home.path('out'))]);
    await home.quiet();
  });

  it.each([
    ['a frame that is not processed', { objects: [{ id: 1, prompts: [{ frame: 900, box: [0, 0, 5, 5] }] }] }, /none of its prompts lies on a frame that is processed \(object 1, frame 900\)/],
    ['a point outside the picture', { objects: [{ id: 3, prompts: [{ frame: 2, points: [[480.5, 4]] }] }] }, /object 3, frame 2: the point \[480.5, 4\] lies outside the picture of 480x270/],
    ['a wrong field', { objects: [{ id: 3, prompts: [{ frame: 2, bbox: [1, 2, 3, 4] }] }] }, /cannot be used at objects\[0\]\.prompts\[0\].*bbox.*docs\/prompts\.md/],
  ])('are refused at once, in a sentence: %s', async (_what, value, says) => {
    await writeFile(home.path('bad.json'), JSON.stringify(value));
    const run = await home.run(['segment', 'film.mp4', '--prompts', 'bad.json', ...OPTIONS]);
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(says)]);
  });

  it('cannot be missing when nothing else is to be followed', async () => {
    const run = await home.run(['segment', 'film.mp4', '--only-prompted', ...OPTIONS]);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('--prompts FILE.json')]);
  });
});
