import { amgOptionsSchema } from '../../../contracts/amg-options';
import { generateMasks } from '../../../core/amg/automatic-mask-generator';
import { rleIou } from '../../../core/mask/rle-ops';
import { blankImage, DrawnSegmenter } from './drawn-segmenter';

const DISCS = [
  { x: 60, y: 60, radius: 40, iou: 0.9 },
  { x: 200, y: 100, radius: 30, iou: 0.97 },
  { x: 120, y: 140, radius: 12, iou: 0.93 },
];
/** Top left corners of the picture and its four crops, in the order in which they are encoded. */
const CROP_ORIGINS = [[0, 0], [0, 0], [0, 60], [98, 0], [98, 60]] as const;
const image = blankImage(256, 180);
const options = amgOptionsSchema.parse({ pointsPerSide: 16, pointsPerBatch: 20, stabilityScoreThresh: 0.8 });
const large = amgOptionsSchema.parse({ ...options, pointsPerSide: 8, predIouThresh: 0.9, cropNLayers: 1 });

describe('generateMasks', () => {
  it('finds each disc and its inner part once, by descending predicted IoU', async () => {
    const records = await generateMasks(new DrawnSegmenter(DISCS), image, options);
    expect(records.map((record) => record.predictedIou.toFixed(2))).toEqual(['0.97', '0.95', '0.93', '0.91', '0.90']);
    expect(records[0]!.area / (Math.PI * 30 ** 2)).toBeCloseTo(1, 1);
    expect(records[0]!.bboxXywh[2]).toBeGreaterThan(56);
    expect(records[0]!.cropBoxXywh).toEqual([0, 0, 256, 180]);
    expect(Math.hypot(records[0]!.pointCoords[0] - 200, records[0]!.pointCoords[1] - 100)).toBeLessThan(30);
  });

  it.each([options, large])('gives the same masks when filters run at low resolution (%#)', async (chosen) => {
    const run = (exact: boolean) => generateMasks(new DrawnSegmenter(DISCS, (n) => CROP_ORIGINS[n]!), image, chosen, { exact });
    const [exact, fast] = [await run(true), await run(false)];
    expect(fast).toEqual(exact);
  });

  it('uses a given embedding, prompts only where the filter allows, and reports progress', async () => {
    const segmenter = new DrawnSegmenter(DISCS);
    const embedding = await segmenter.encode(image);
    const seen: number[] = [];
    const records = await generateMasks(segmenter, image, options, { embedding, pointFilter: (x) => x > 150, onBatch: ({ pointsDone, pointsTotal }) => seen.push(pointsDone / pointsTotal) });
    expect(segmenter.encoded).toHaveLength(1);
    expect(segmenter.prompted.every(([x]) => x > 150)).toBe(true);
    expect(records).toHaveLength(2);
    expect(seen.at(-1)).toBe(1);
    await expect(generateMasks(segmenter, blankImage(10, 10), options, { embedding })).rejects.toThrow(RangeError);
  });

  it('does not run the network at all when no point is left', async () => {
    const segmenter = new DrawnSegmenter(DISCS);
    expect(await generateMasks(segmenter, image, options, { pointFilter: () => false })).toEqual([]);
    expect(segmenter.encoded).toHaveLength(0);
  });

  it('runs on crops, places their masks in the picture, and lets the smaller crop win', async () => {
    const ball = [{ x: 200, y: 140, radius: 20, iou: 0.97 }];
    const crops = await generateMasks(new DrawnSegmenter(ball, (n) => CROP_ORIGINS[n]!), image, large);
    const [whole] = await generateMasks(new DrawnSegmenter(ball), image, options);
    expect(crops.map((record) => record.cropBoxXywh)).toEqual([[98, 60, 158, 120], [98, 60, 158, 120]]);
    expect(rleIou(crops[0]!.rle, whole!.rle)).toBeGreaterThan(0.9);
  });

  it('drops masks that overlap a better one when maskNmsThresh is below 1', async () => {
    const twins = [{ x: 100, y: 90, radius: 50 }];
    const all = await generateMasks(new DrawnSegmenter(twins), image, options);
    const distinct = await generateMasks(new DrawnSegmenter(twins), image, { ...options, maskNmsThresh: 0.2 });
    expect(all).toHaveLength(2);
    expect(distinct.map((record) => record.predictedIou)).toEqual([all[0]!.predictedIou]);
  });

  it('feeds every mask back with useM2m, and only promising ones on the fast path', async () => {
    const chosen = { ...options, pointsPerSide: 6, useM2m: true };
    const exact = new DrawnSegmenter(DISCS);
    await generateMasks(exact, image, chosen);
    expect(exact.refined).toBe(6 * 6 * 3);
    const fast = new DrawnSegmenter(DISCS);
    await generateMasks(fast, image, chosen, { exact: false });
    expect(fast.refined).toBeGreaterThan(0);
    expect(fast.refined).toBeLessThan(6 * 6);
  });

  it('takes one mask per point without multimaskOutput', async () => {
    const records = await generateMasks(new DrawnSegmenter(DISCS), image, { ...options, multimaskOutput: false });
    expect(records).toHaveLength(3);
  });

  it("rejects with the signal's reason between batches", async () => {
    const controller = new AbortController();
    const stop = generateMasks(new DrawnSegmenter(DISCS), image, options, { signal: controller.signal, onBatch: () => controller.abort(new Error('enough')) });
    await expect(stop).rejects.toThrow('enough');
  });
});
