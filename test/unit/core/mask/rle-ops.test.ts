import fc from 'fast-check';
import { bitmaskAnd, bitmaskArea, bitmaskOr, bitmaskSubtract } from '../../../../core/mask/bitmask-ops';
import { decodeRle, encodeRle, rleArea } from '../../../../core/mask/rle';
import {
  describeRle,
  rleContainment,
  rleIntersection,
  rleIntersectionArea,
  rleIou,
  rleIouMatrix,
  rleIouWithin,
  rleMerge,
  rleSubtract,
  rleTranslate,
  rleUnion,
  rleUnionArea,
} from '../../../../core/mask/rle-ops';
import { bitmaskPairs, bitmasks, bitmasksOf, draw, rectangle } from '../support/masks';

describe('pixel sets on run lengths', () => {
  it('agree with the same operations on bitmasks', () => {
    fc.assert(
      fc.property(bitmaskPairs, ([a, b]) => {
        const ra = encodeRle(a);
        const rb = encodeRle(b);
        expect(rleIntersection(ra, rb)).toEqual(encodeRle(bitmaskAnd(a, b)));
        expect(rleUnion(ra, rb)).toEqual(encodeRle(bitmaskOr(a, b)));
        expect(rleSubtract(ra, rb)).toEqual(encodeRle(bitmaskSubtract(a, b)));
        const both = bitmaskArea(bitmaskAnd(a, b));
        expect(rleIntersectionArea(ra, rb)).toBe(both);
        expect(rleUnionArea(ra, rb)).toBe(bitmaskArea(bitmaskOr(a, b)));
      }),
      { numRuns: 300 },
    );
  });

  it('merge any number of masks', () => {
    fc.assert(
      fc.property(fc.array(bitmasksOf(6, 5), { minLength: 1, maxLength: 7 }), (masks) => {
        const rles = masks.map(encodeRle);
        expect(rleMerge(rles, 'union')).toEqual(encodeRle(masks.reduce(bitmaskOr)));
        expect(rleMerge(rles, 'intersect')).toEqual(encodeRle(masks.reduce(bitmaskAnd)));
      }),
    );
    expect(() => rleMerge([], 'union')).toThrow('empty');
  });

  it('shift by whole pixels and lose what leaves the picture', () => {
    fc.assert(
      fc.property(bitmasks, fc.integer({ min: -14, max: 14 }), fc.integer({ min: -10, max: 10 }), (mask, dx, dy) => {
        const { width, height } = mask;
        const moved = new Uint8Array(width * height);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const [sx, sy] = [x - dx, y - dy];
            if (sx >= 0 && sx < width && sy >= 0 && sy < height) moved[y * width + x] = mask.data[sy * width + sx]!;
          }
        expect(rleTranslate(encodeRle(mask), dx, dy)).toEqual(encodeRle({ width, height, data: moved }));
      }),
      { numRuns: 300 },
    );
    expect(() => rleTranslate(rectangle(4, 4, 0, 0, 1, 1), 0.5, 0)).toThrow(RangeError);
  });
});

describe('rleIou', () => {
  it.each([
    ['equal masks', rectangle(9, 9, 1, 1, 4, 4), rectangle(9, 9, 1, 1, 4, 4), 1],
    ['half overlap', rectangle(9, 9, 0, 0, 4, 2), rectangle(9, 9, 2, 0, 4, 2), 1 / 3],
    ['masks apart', rectangle(9, 9, 0, 0, 2, 2), rectangle(9, 9, 5, 5, 2, 2), 0],
    ['both empty', rectangle(9, 9, 0, 0, 0, 0), rectangle(9, 9, 0, 0, 0, 0), 0],
    ['one empty', rectangle(9, 9, 0, 0, 9, 9), rectangle(9, 9, 0, 0, 0, 0), 0],
  ])('of %s', (_, a, b, expected) => {
    expect(rleIou(a, b)).toBeCloseTo(expected, 12);
    expect(rleIouWithin(b, a, describeRle(b), describeRle(a))).toBeCloseTo(expected, 12);
  });

  it('is symmetric and the matrix holds it for every pair', () => {
    fc.assert(
      fc.property(fc.array(bitmasksOf(7, 5), { maxLength: 4 }), fc.array(bitmasksOf(7, 5), { maxLength: 4 }), (p, q) => {
        const as = p.map(encodeRle);
        const bs = q.map(encodeRle);
        const matrix = rleIouMatrix(as, bs);
        as.forEach((a, i) =>
          bs.forEach((b, j) => {
            expect(matrix[i * bs.length + j]).toBe(rleIou(a, b));
            expect(rleIou(b, a)).toBe(rleIou(a, b));
          }),
        );
        expect(rleIouMatrix(as, as)).toEqual(rleIouMatrix(as, [...as]));
      }),
    );
  });

  it('refuses masks of different sizes', () => {
    expect(() => rleIou(encodeRle(draw('#')), encodeRle(draw('##')))).toThrow('1x1 and 2x1');
  });

  it('containment is the share of the first mask in the second', () => {
    const part = rectangle(9, 9, 1, 1, 2, 2);
    const whole = rectangle(9, 9, 0, 0, 4, 4);
    expect([rleContainment(part, whole), rleContainment(whole, part)]).toEqual([1, 0.25]);
    expect(rleContainment(rectangle(9, 9, 0, 0, 0, 0), whole)).toBe(0);
    expect(rleArea(encodeRle(decodeRle(whole)))).toBe(16);
  });
});
