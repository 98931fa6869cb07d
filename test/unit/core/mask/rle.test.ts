import fc from 'fast-check';
import { decodeRle, emptyRle, encodeRle, isEmptyRle, rleArea, rleCentroid, rleEquals, rleHasPixel, rleToBoxXywh } from '../../../../core/mask/rle';
import type { Bitmask } from '../../../../core/mask/types';
import { bitmasks, draw } from '../support/masks';

function plainCounts(mask: Bitmask): number[] {
  const counts: number[] = [];
  let value = 0;
  let run = 0;
  for (let x = 0; x < mask.width; x++)
    for (let y = 0; y < mask.height; y++) {
      const v = mask.data[y * mask.width + x]!;
      if (v !== value) {
        counts.push(run);
        run = 0;
        value = v;
      }
      run++;
    }
  return [...counts, run];
}

describe('rleHasPixel', () => {
  it('says of every pixel what the mask says, and false outside', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        const rle = encodeRle(mask);
        for (let y = -1; y <= mask.height; y++)
          for (let x = -1; x <= mask.width; x++) {
            const isInside = x >= 0 && y >= 0 && x < mask.width && y < mask.height;
            expect(rleHasPixel(rle, x, y)).toBe(isInside && mask.data[y * mask.width + x] === 1);
          }
      }),
    );
  });
});

describe('encodeRle', () => {
  it.each([
    ['an empty mask is one run of zeros', draw('...', '...'), [6]],
    ['a full mask starts with a zero run of length 0', draw('##', '##'), [0, 4]],
    ['runs go down the columns', draw('#..', '##.'), [0, 2, 1, 1, 2]],
    ['a run goes on from the bottom of one column to the top of the next', draw('.#', '#.'), [1, 2, 1]],
    ['a single set pixel', draw('#'), [0, 1]],
    ['a mask without pixels', { width: 0, height: 0, data: new Uint8Array(0) }, [0]],
  ])('%s', (_, mask, counts) => {
    expect(Array.from(encodeRle(mask).counts)).toEqual(counts);
  });

  it('agrees with a plain scan on any mask, of any width and alignment', () => {
    fc.assert(
      fc.property(bitmasks, fc.nat(3), (mask, shift) => {
        const buffer = new Uint8Array(mask.data.length + shift);
        buffer.set(mask.data, shift);
        const shifted = { ...mask, data: buffer.subarray(shift) };
        expect(Array.from(encodeRle(shifted).counts)).toEqual(plainCounts(mask));
      }),
    );
  });

  it('handles more borders than its first buffer holds', () => {
    for (const width of [256, 255]) {
      const data = Uint8Array.from({ length: width * 64 }, (_, i) => ((i % width) + Math.floor(i / width)) % 2);
      const mask = { width, height: 64, data };
      expect(Array.from(encodeRle(mask).counts)).toEqual(plainCounts(mask));
    }
  });

  it('refuses data of the wrong length', () => {
    expect(() => encodeRle({ width: 2, height: 2, data: new Uint8Array(3) })).toThrow('needs 4 values, got 3');
  });
});

describe('decodeRle', () => {
  it('gives back the encoded mask', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        expect(decodeRle(encodeRle(mask))).toEqual(mask);
      }),
    );
  });

  it('accepts zero runs in the middle', () => {
    const rle = { width: 2, height: 3, counts: Uint32Array.of(1, 2, 0, 2, 1) };
    expect(decodeRle(rle).data).toEqual(Uint8Array.of(0, 1, 1, 1, 1, 0));
  });

  it.each([[[3]], [[5]], [[1, 9]], [[]]])('refuses runs %p that do not fill a 2x2 mask', (counts) => {
    expect(() => decodeRle({ width: 2, height: 2, counts: Uint32Array.from(counts) })).toThrow(RangeError);
  });
});

describe('measures of an RLE', () => {
  it('area, box and centroid agree with the pixels', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        const pixels = [...mask.data.keys()].filter((i) => mask.data[i]);
        const xs = pixels.map((i) => i % mask.width);
        const ys = pixels.map((i) => Math.floor(i / mask.width));
        const rle = encodeRle(mask);
        expect(rleArea(rle)).toBe(pixels.length);
        if (pixels.length === 0) {
          expect(rleToBoxXywh(rle)).toEqual([0, 0, 0, 0]);
          expect(rleCentroid(rle)).toBeNull();
          expect(rle).toEqual(emptyRle(mask.width, mask.height));
          return;
        }
        const [x0, y0] = [Math.min(...xs), Math.min(...ys)];
        expect(rleToBoxXywh(rle)).toEqual([x0, y0, Math.max(...xs) - x0 + 1, Math.max(...ys) - y0 + 1]);
        expect(rleCentroid(rle)!.x).toBeCloseTo(xs.reduce((a, b) => a + b) / xs.length, 9);
        expect(rleCentroid(rle)!.y).toBeCloseTo(ys.reduce((a, b) => a + b) / ys.length, 9);
      }),
    );
  });

  it('equality looks at size and pixels', () => {
    expect(rleEquals(encodeRle(draw('#.')), encodeRle(draw('#.')))).toBe(true);
    expect(rleEquals(encodeRle(draw('#.')), encodeRle(draw('.#')))).toBe(false);
    expect(rleEquals(encodeRle(draw('#.')), encodeRle(draw('#', '.')))).toBe(false);
    expect(isEmptyRle(encodeRle(draw('..')))).toBe(true);
  });
});
