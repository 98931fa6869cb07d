import { amgOptionsSchema } from '../../../contracts/amg-options';
import { generateMasks } from '../../../core/amg/automatic-mask-generator';
import { keepFilling, lowestBar } from '../../../core/amg/fill-uncovered';
import { MaskTable } from '../../../core/amg/mask-table';
import { encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { blankImage, DrawnSegmenter } from './drawn-segmenter';

const options = amgOptionsSchema.parse({ predIouThresh: 0.85, stabilityScoreThresh: 0.9, fillPredIouThresh: 0.6, fillStabilityScoreThresh: 0.7 });

/** Columns [from, to) of a picture of 40 x 10. */
function band(from: number, to: number): Rle {
  return encodeRle({ width: 40, height: 10, data: Uint8Array.from({ length: 400 }, (_, i) => Number(i % 40 >= from && i % 40 < to)) });
}

function tableOf(...rows: readonly (readonly [rle: Rle, predictedIou: number, stability: number])[]): MaskTable {
  const table = new MaskTable();
  for (const [rle, predictedIou, stability] of rows) table.push({ rle, predictedIou, stability, box: [0, 0, 1, 1], point: [0, 0], crop: [0, 0, 40, 10] });
  return table;
}

describe('keepFilling', () => {
  it('keeps all good masks in their order, and of the poor ones those that show something else, best first', () => {
    const table = tableOf([band(10, 14), 0.7, 0.8], [band(0, 10), 0.86, 0.95], [band(20, 30), 0.99, 0.8], [band(3, 12), 0.95, 0.8], [band(31, 40), 0.9, 0.9]);
    const kept = keepFilling(table, options);
    // band(3, 12) is covered for the most part; (20, 30) is better than (10, 14).
    expect(kept.rles).toEqual([band(0, 10), band(31, 40), band(20, 30), band(10, 14)]);
  });

  it('does not take a mask that lies in a much larger one for covered', () => {
    expect(keepFilling(tableOf([band(0, 40), 0.95, 0.95], [band(5, 14), 0.7, 0.8]), options)).toHaveLength(2);
    expect(keepFilling(tableOf([band(0, 32), 0.95, 0.95], [band(5, 14), 0.7, 0.8]), options)).toHaveLength(1);
  });

  it('lets no poor mask in twice, nor one of a few pixels', () => {
    const dot = encodeRle({ width: 40, height: 10, data: Uint8Array.from({ length: 400 }, (_, i) => Number(i === 39)) });
    expect(keepFilling(tableOf([band(0, 10), 0.7, 0.8], [band(1, 11), 0.7, 0.79], [dot, 0.8, 0.8]), options).rles).toEqual([band(0, 10)]);
  });

  it('has the bar of SAM unless it is asked for more', () => {
    expect(lowestBar(amgOptionsSchema.parse({}))).toEqual({ predIouThresh: 0.88, stabilityScoreThresh: 0.95 });
    expect(lowestBar(options)).toEqual({ predIouThresh: 0.6, stabilityScoreThresh: 0.7 });
    expect(lowestBar({ ...options, fillStabilityScoreThresh: null }).stabilityScoreThresh).toBe(0.9);
  });
});

describe('generateMasks with masks that fill', () => {
  const discs = [{ x: 60, y: 60, radius: 40, iou: 0.95 }, { x: 64, y: 62, radius: 36, iou: 0.7 }, { x: 200, y: 100, radius: 30, iou: 0.7 }];
  const image = blankImage(256, 180);

  it.each([true, false])('finds what is in doubt where nothing better is, and nothing besides (exact: %s)', async (exact) => {
    const sure = await generateMasks(new DrawnSegmenter(discs), image, amgOptionsSchema.parse({ ...options, pointsPerSide: 16, fillPredIouThresh: null, fillStabilityScoreThresh: null }), { exact });
    const all = await generateMasks(new DrawnSegmenter(discs), image, amgOptionsSchema.parse({ ...options, pointsPerSide: 16 }), { exact });
    expect(sure.every(({ predictedIou }) => predictedIou > 0.85)).toBe(true);
    expect(all.slice(0, sure.length)).toEqual(sure);
    // The third disc and its inner part.
    expect(all.slice(sure.length).map(({ bboxXywh: [x, y] }) => [x > 150, y > 50])).toEqual([[true, true], [true, true]]);
  });
});
