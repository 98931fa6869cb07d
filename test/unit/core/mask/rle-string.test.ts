import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRle, decodeRle, rleArea, rleToBoxXywh } from '../../../../core/mask/rle';
import { rleIouMatrix, rleMerge } from '../../../../core/mask/rle-ops';
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

interface GoldenMask {
  name: string;
  size: [number, number];
  counts: number[];
  compressed: string;
  area: number;
  bbox: number[];
}

interface Golden {
  masks: GoldenMask[];
  group: { masks: GoldenMask[]; iou: number[][]; unionOfFirstThree: string; intersectionOfFirstTwo: string };
}

const golden = JSON.parse(readFileSync(join(__dirname, '../../../fixtures/golden/rle.json'), 'utf8')) as Golden;

describe('agreement with pycocotools', () => {
  it.each(golden.masks.map((mask) => [mask.name, mask] as const))('%s', (_, mask) => {
    const rle = fromUncompressedCocoRle(mask);
    expect(rleToCocoString(rle)).toBe(mask.compressed);
    expect(fromCocoRle({ size: mask.size, counts: mask.compressed })).toEqual(rle);
    expect(encodeRle(decodeRle(rle))).toEqual(rle);
    expect(rleArea(rle)).toBe(mask.area);
    expect(rleToBoxXywh(rle)).toEqual(mask.bbox);
  });

  it('of IoU, union and intersection of a group of masks', () => {
    const masks = golden.group.masks.map(fromUncompressedCocoRle);
    const matrix = rleIouMatrix(masks, masks);
    golden.group.iou.flat().forEach((value, i) => expect(matrix[i]).toBeCloseTo(value, 12));
    expect(rleToCocoString(rleMerge(masks.slice(0, 3), 'union'))).toBe(golden.group.unionOfFirstThree);
    expect(rleToCocoString(rleMerge(masks.slice(0, 2), 'intersect'))).toBe(golden.group.intersectionOfFirstTwo);
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

it('draws what it encodes', () => {
  expect(toUncompressedCocoRle(encodeRle(draw('.#', '##')))).toEqual({ size: [2, 2], counts: [1, 3] });
});
