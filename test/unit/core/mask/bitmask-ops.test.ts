import fc from 'fast-check';
import {
  bitmaskArea,
  bitmaskBox,
  bitmaskNot,
  createBitmask,
  resizeBitmaskNearest,
  thresholdLogits,
} from '../../../../core/mask/bitmask-ops';
import { boxXywhToXyxy } from '../../../../core/geometry/boxes';
import { boundary, dilate, erode } from '../../../../core/mask/morphology';
import { encodeRle, rleArea, rleToBoxXywh } from '../../../../core/mask/rle';
import { bitmasks, draw, show } from '../support/masks';

describe('bitmask measures', () => {
  it('area and box agree with those of the RLE', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        expect(bitmaskArea(mask)).toBe(rleArea(encodeRle(mask)));
        expect(bitmaskBox(mask)).toEqual(boxXywhToXyxy(rleToBoxXywh(encodeRle(mask))));
        expect(bitmaskArea(bitmaskNot(mask))).toBe(mask.data.length - bitmaskArea(mask));
      }),
    );
  });

  it('thresholding is strict', () => {
    expect(show(thresholdLogits(Float32Array.of(-1, 0, 0.5, NaN), 2, 2, 0))).toEqual(['..', '#.']);
    expect(() => thresholdLogits(new Float32Array(3), 2, 2, 0)).toThrow(RangeError);
  });
});

describe('resizeBitmaskNearest', () => {
  it('doubles pixels, and halving again gives the original', () => {
    const mask = draw('#.', '.#', '##');
    const large = resizeBitmaskNearest(mask, 4, 6);
    expect(show(large).slice(0, 3)).toEqual(['##..', '##..', '..##']);
    expect(resizeBitmaskNearest(large, 2, 3)).toEqual(mask);
  });
});

describe('dilate and erode', () => {
  it('draw the neighbourhood around one pixel', () => {
    const dot = draw('.....', '.....', '..#..', '.....', '.....');
    expect(show(dilate(dot, 1))).toEqual(['.....', '..#..', '.###.', '..#..', '.....']);
    expect(show(dilate(dot, 1, 'square'))).toEqual(['.....', '.###.', '.###.', '.###.', '.....']);
    expect(show(dilate(dot, 2))[0]).toBe('..#..');
    expect(dilate(dot, 0)).toEqual(dot);
    expect(() => dilate(dot, -1)).toThrow(RangeError);
  });

  it('are what the definition says for any mask and radius', () => {
    fc.assert(
      fc.property(bitmasks, fc.nat(4), fc.constantFrom('disk' as const, 'square' as const), (mask, radius, element) => {
        const near = (value: number, x: number, y: number): boolean => {
          for (let yy = 0; yy < mask.height; yy++)
            for (let xx = 0; xx < mask.width; xx++) {
              const [dx, dy] = [Math.abs(xx - x), Math.abs(yy - y)];
              const inside = element === 'disk' ? dx * dx + dy * dy <= radius * radius : Math.max(dx, dy) <= radius;
              if (inside && mask.data[yy * mask.width + xx] === value) return true;
            }
          return false;
        };
        const expected = (value: number): Uint8Array =>
          mask.data.map((_, i) => (near(value, i % mask.width, Math.floor(i / mask.width)) ? 1 : 0));
        expect(dilate(mask, radius, element).data).toEqual(expected(1));
        expect(erode(mask, radius, element).data).toEqual(expected(0).map((v) => 1 - v));
      }),
    );
  });

  it('the edge of the picture does not erode', () => {
    expect(show(erode(draw('##.', '##.', '##.'), 1))).toEqual(['#..', '#..', '#..']);
  });
});

describe('boundary', () => {
  it('marks pixels that differ from right, below or below right', () => {
    expect(show(boundary(draw('....', '.##.', '.##.', '....')))).toEqual(['###.', '#.#.', '###.', '....']);
  });

  it.each([
    ['an empty mask', createBitmask(4, 3)],
    ['a full mask', bitmaskNot(createBitmask(4, 3))],
    ['no pixels', createBitmask(0, 0)],
    ['one pixel', draw('#')],
  ])('is empty for %s', (_, mask) => {
    expect(bitmaskArea(boundary(mask))).toBe(0);
  });
});
