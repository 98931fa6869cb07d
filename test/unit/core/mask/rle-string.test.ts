import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRle, decodeRle, rleArea, rleToBoxXywh } from '../../../../core/mask/rle';
import { rleIouMatrix } from '../../../../core/mask/rle-ops';
import {
  cocoStringToRle,
  fromCocoRle,
  fromUncompressedCocoRle,
  rleToCocoString,
  runsToRle,
  toCocoRle,
  toUncompressedCocoRle,
} from '../../../../core/mask/rle-string';
import { bitmasks, draw } from '../support/masks';

interface Golden {
  masks: { name: string; h: number; w: number; counts: number[]; string: string; area: number; bbox: number[] }[];
  iou: number[][];
}

const golden = JSON.parse(readFileSync(join(__dirname, 'rle-golden.json'), 'utf8')) as Golden;

describe('agreement with pycocotools', () => {
  it.each(golden.masks.map((mask) => [mask.name, mask] as const))('%s', (_, mask) => {
    const rle = runsToRle(mask.counts, mask.w, mask.h);
    expect(rleToCocoString(rle)).toBe(mask.string);
    expect(cocoStringToRle(mask.string, mask.w, mask.h)).toEqual(rle);
    expect(encodeRle(decodeRle(rle))).toEqual(rle);
    expect(rleArea(rle)).toBe(mask.area);
    expect(rleToBoxXywh(rle)).toEqual(mask.bbox);
  });

  it('IoU matrix', () => {
    const masks = golden.masks.slice(0, golden.iou.length).map((mask) => runsToRle(mask.counts, mask.w, mask.h));
    const matrix = rleIouMatrix(masks, masks);
    golden.iou.flat().forEach((value, i) => expect(matrix[i]).toBeCloseTo(value, 12));
  });
});

describe('COCO JSON forms', () => {
  it('go there and back for any mask', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        const rle = encodeRle(mask);
        expect(toCocoRle(rle).size).toEqual([mask.height, mask.width]);
        expect(fromCocoRle(toCocoRle(rle))).toEqual(rle);
        expect(fromUncompressedCocoRle(toUncompressedCocoRle(rle))).toEqual(rle);
      }),
    );
  });

  it('hold runs of up to 2^32 - 1 pixels', () => {
    const rle = runsToRle([4_000_000_000, 7, 3_000], 1, 4_000_003_007);
    expect(fromCocoRle(toCocoRle(rle))).toEqual(rle);
  });

  it('merge zero runs away', () => {
    expect(Array.from(runsToRle([1, 2, 0, 2, 1, 0], 2, 3).counts)).toEqual([1, 4, 1]);
    expect(Array.from(runsToRle([0, 0, 6], 2, 3).counts)).toEqual([6]);
    expect(Array.from(runsToRle([], 0, 0).counts)).toEqual([0]);
  });

  it('a long string needs no deep call stack', () => {
    const counts = Array.from({ length: 200_000 }, () => 1);
    expect(cocoStringToRle(rleToCocoString(runsToRle(counts, 500, 400)), 500, 400).counts).toHaveLength(200_000);
  });

  it.each([
    ['a cut string', 'X', 'in the middle of run 0'],
    ['a character outside the alphabet', '2 ', 'bad character at 1'],
    ['a negative run', 'O', 'impossible length'],
    ['a run without end', 'o'.repeat(40), 'too long'],
    ['too few pixels', '2', 'add up to 2'],
    ['no runs at all', '', 'add up to 0'],
  ])('refuse %s', (_, text, message) => {
    expect(() => cocoStringToRle(text, 2, 2)).toThrow(RangeError);
    expect(() => cocoStringToRle(text, 2, 2)).toThrow(message);
  });

  it('refuse impossible sizes and lengths', () => {
    expect(() => fromCocoRle({ size: [-1, 2], counts: '0' })).toThrow('not possible');
    expect(() => runsToRle([1.5, 2.5], 2, 2)).toThrow('run 0 is not');
    expect(() => runsToRle([5, -1], 2, 2)).toThrow('run 1 is not');
  });
});

const shared = join(__dirname, '../../../fixtures/golden/rle.json');
if (existsSync(shared)) {
  describe('the shared golden file', () => {
    it('is not empty', () => expect(readFileSync(shared, 'utf8').length).toBeGreaterThan(2));
  });
}

it('draws what it encodes', () => {
  expect(toUncompressedCocoRle(encodeRle(draw('.#', '##')))).toEqual({ size: [2, 2], counts: [1, 3] });
});
