import * as fc from 'fast-check';
import { cropRle, rowMajorRuns } from '../../../../core/mask/crop-rle';
import { flattenRles, paintRle } from '../../../../core/mask/flatten';
import { decodeRle, emptyRle, encodeRle, isEmptyRle, rleEquals } from '../../../../core/mask/rle';
import { traceOutline } from '../../../../core/mask/trace-outline';
import type { Bitmask, Rle } from '../../../../core/mask/types';
import { rlesToLabelMap } from '../../../../core/metrics/label-map';
import { fillLargestPiece } from '../../../support/expected-exports';

const bitmasks = fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }), seed: fc.infiniteStream(fc.integer({ min: 0, max: 2 })) }).map(({ width, height, seed }): Bitmask => {
  const data = Uint8Array.from({ length: width * height }, () => (seed.next().value === 0 ? 0 : 1));
  return { width, height, data };
});

const square = (x: number, y: number, size: number): Rle => encodeRle({ width: 8, height: 6, data: Uint8Array.from({ length: 48 }, (_, i) => (i % 8 >= x && i % 8 < x + size && i >= y * 8 && i < (y + size) * 8 ? 1 : 0)) });

/** Pixels whose centre lies in the polygon (even-odd). */
function fill(points: readonly (readonly [number, number])[], width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let crossings = 0;
      points.forEach(([ax, ay], i) => {
        const [bx, by] = points[(i + 1) % points.length]!;
        if (ax === bx && ax > x && Math.min(ay, by) <= y && Math.max(ay, by) > y) crossings++;
      });
      data[y * width + x] = crossings & 1;
    }
  }
  return data;
}

describe('flattenRles', () => {
  it('puts smaller masks on larger ones and says what is covered wholly', () => {
    const flat = flattenRles(new Map([[4, square(2, 2, 2)], [1, square(1, 1, 4)], [2, square(2, 2, 2)]]));
    expect([...flat.keys()]).toEqual([1, 2, 4]);
    expect(rleEquals(flat.get(2)!, square(2, 2, 2))).toBe(true);
    expect(isEmptyRle(flat.get(4)!)).toBe(true);
    expect(decodeRle(flat.get(1)!).data.filter(Boolean)).toHaveLength(12);
    expect(flattenRles(new Map())).toEqual(new Map());
  });

  it('paints the label map that the metrics know', () => {
    const sets = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })).chain(([width, height]) =>
      fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 999 }), fc.array(fc.constantFrom(0, 1), { minLength: width * height, maxLength: width * height })), { selector: ([id]) => id, maxLength: 5 }).map((list) => ({
        width,
        height,
        masks: new Map(list.map(([id, pixels]) => [id, encodeRle({ width, height, data: Uint8Array.from(pixels) })])),
      })),
    );
    fc.assert(
      fc.property(sets, ({ width, height, masks }) => {
        const data = new Uint32Array(width * height);
        for (const [id, rle] of flattenRles(masks)) paintRle(data, rle, id);
        expect([...data]).toEqual([...rlesToLabelMap(masks, width, height).data]);
      }),
    );
  });
});

describe('cropRle and rowMajorRuns', () => {
  it('give back the mask', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        const { x, y, mask: inside } = cropRle(encodeRle(mask));
        const runs = rowMajorRuns(inside);
        const pixels = runs.flatMap((length, i) => Array.from({ length }, () => i & 1));
        expect(pixels).toEqual([...inside.data]);
        const data = new Uint8Array(mask.data.length);
        for (let r = 0; r < inside.height; r++) data.set(inside.data.subarray(r * inside.width, (r + 1) * inside.width), (y + r) * mask.width + x);
        expect(data).toEqual(mask.data);
      }),
    );
  });

  it('start with the zeros, also when there are none', () => {
    expect(rowMajorRuns({ width: 3, height: 1, data: Uint8Array.of(1, 1, 0) })).toEqual([0, 2, 1]);
    expect(rowMajorRuns({ width: 3, height: 1, data: Uint8Array.of(0, 1, 1) })).toEqual([1, 2]);
    expect(cropRle(emptyRle(4, 3)).mask).toMatchObject({ width: 0, height: 0 });
  });
});

describe('traceOutline', () => {
  it('follows the edges of the largest piece, clockwise', () => {
    const data = Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 1);
    expect(traceOutline({ width: 4, height: 2, data })).toEqual({ points: [[1, 0], [3, 0], [3, 1], [2, 1], [2, 2], [1, 2]], area: 3, enclosed: 3 });
    expect(traceOutline({ width: 2, height: 2, data: new Uint8Array(4) })).toBeNull();
  });

  it('encloses the piece with its holes filled, whatever its shape', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        const outline = traceOutline(mask);
        if (outline === null) return expect(mask.data).toEqual(new Uint8Array(mask.data.length));
        const filled = fillLargestPiece(mask);
        expect(fill(outline.points, mask.width, mask.height)).toEqual(filled.data);
        expect(outline.enclosed).toBe(filled.data.filter(Boolean).length);
      }),
      { numRuns: 300 },
    );
  });
});
