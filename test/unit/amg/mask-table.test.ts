import { MaskTable, type MaskRow } from '../../../core/amg/mask-table';
import { formatSegmentation, toSamRecord } from '../../../core/amg/output-modes';
import { placeRle } from '../../../core/amg/place-rle';
import { postprocessSmallRegions } from '../../../core/amg/small-regions';
import { decodeRle, encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';

/** Mask from rows of '#' and '.'. */
function draw(...rows: string[]): Rle {
  const width = rows[0]!.length;
  return encodeRle({ width, height: rows.length, data: Uint8Array.from(rows.join(''), (c) => (c === '#' ? 1 : 0)) });
}

function show(rle: Rle): string[] {
  const { width, height, data } = decodeRle(rle);
  return Array.from({ length: height }, (_, y) => Array.from(data.subarray(y * width, (y + 1) * width), (v) => (v ? '#' : '.')).join(''));
}

function row(rle: Rle, overrides: Partial<MaskRow> = {}): MaskRow {
  return { rle, box: [0, 0, rle.width - 1, rle.height - 1], predictedIou: 0.9, stability: 0.96, point: [1, 2], crop: [0, 0, rle.width, rle.height], ...overrides };
}

describe('MaskTable', () => {
  it('keeps all columns aligned when rows are selected', () => {
    const table = new MaskTable();
    for (let i = 0; i < 4; i++) table.push(row(draw('#.', '..'), { predictedIou: i, stability: i * 10, point: [i, i] }));
    const picked = table.select([3, 1]);
    expect(picked.predictedIous).toEqual([3, 1]);
    expect(picked.stabilities).toEqual([30, 10]);
    expect(picked.points).toEqual([[3, 3], [1, 1]]);
    expect(() => table.row(4)).toThrow(RangeError);
  });
});

describe('placeRle', () => {
  it('lays a part into a larger picture', () => {
    expect(show(placeRle(draw('##', '.#'), 1, 1, 4, 4))).toEqual(['....', '.##.', '..#.', '....']);
  });

  it('joins runs that touch across columns of full height', () => {
    expect(placeRle(draw('##', '##'), 1, 0, 4, 2).counts).toEqual(Uint32Array.of(2, 4, 2));
  });

  it('keeps an empty mask empty and refuses parts that do not fit', () => {
    expect(placeRle(draw('.'), 2, 2, 4, 4).counts).toEqual(Uint32Array.of(16));
    expect(() => placeRle(draw('##'), 3, 0, 4, 4)).toThrow(RangeError);
  });
});

describe('small regions', () => {
  it('fills holes, then removes islands, and prefers masks that did not change', () => {
    const holed = draw('#####..', '#.###..', '#####.#', '#####..');
    const whole = draw('#####..', '#####..', '#####..', '#####..');
    const table = new MaskTable();
    table.push(row(holed, { predictedIou: 0.99 }));
    table.push(row(whole, { predictedIou: 0.9 }));
    const out = postprocessSmallRegions(table, 3, 0.7);
    expect(out.predictedIous).toEqual([0.9]);
    const alone = postprocessSmallRegions(table.select([0]), 3, 0.7);
    expect(show(alone.rles[0]!)).toEqual(show(whole));
    expect(alone.boxes[0]).toEqual([0, 0, 4, 3]);
  });

  it('never removes a whole mask for being small', () => {
    const table = new MaskTable();
    table.push(row(draw('#..', '...')));
    expect(postprocessSmallRegions(table, 100, 0.7).length).toBe(1);
  });
});

describe('output modes', () => {
  it("writes SAM's field names in each mode", () => {
    const table = new MaskTable();
    table.push(row(draw('.#', '##'), { box: [0, 0, 1, 1] }));
    const record = table.toRecords()[0]!;
    expect(toSamRecord(record, 'uncompressed_rle')).toEqual({
      segmentation: { size: [2, 2], counts: [1, 3] },
      area: 3,
      bbox: [0, 0, 1, 1],
      predicted_iou: 0.9,
      point_coords: [[1, 2]],
      stability_score: 0.96,
      crop_box: [0, 0, 2, 2],
    });
    expect(formatSegmentation(record.rle, 'coco_rle')).toEqual({ size: [2, 2], counts: '13' });
    expect(formatSegmentation(record.rle, 'binary_mask')).toMatchObject({ width: 2, height: 2 });
  });
});
