import fc from 'fast-check';
import type { Bitmask, Rle } from '../../../../core/mask/types';
import { encodeRle } from '../../../../core/mask/rle';

/** Mask drawn with '#' for set pixels, one string per row. */
export function draw(...rows: string[]): Bitmask {
  const width = rows[0]?.length ?? 0;
  const data = Uint8Array.from(rows.join(''), (c) => (c === '#' ? 1 : 0));
  return { width, height: rows.length, data };
}

/** As `draw`, as strings again. */
export function show(mask: Bitmask): string[] {
  return Array.from({ length: mask.height }, (_, y) =>
    Array.from(mask.data.subarray(y * mask.width, (y + 1) * mask.width), (v) => (v ? '#' : '.')).join(''),
  );
}

/** RLE of a filled rectangle. */
export function rectangle(width: number, height: number, x: number, y: number, w: number, h: number): Rle {
  const data = new Uint8Array(width * height);
  for (let yy = y; yy < y + h; yy++) data.fill(1, yy * width + x, yy * width + x + w);
  return encodeRle({ width, height, data });
}

/** Masks of a given size made of a few rectangles and single pixels, sometimes noise. */
export function bitmasksOf(width: number, height: number): fc.Arbitrary<Bitmask> {
  const rect = fc.tuple(fc.nat(width - 1), fc.nat(height - 1), fc.nat(width), fc.nat(height), fc.boolean());
  const shapes = fc.array(rect, { maxLength: 5 }).map((list) => {
    const data = new Uint8Array(width * height);
    for (const [x, y, w, h, value] of list)
      for (let yy = y; yy < Math.min(height, y + h); yy++)
        data.fill(value ? 1 : 0, yy * width + x, yy * width + Math.min(width, x + w));
    return { width, height, data };
  });
  const noise = fc
    .array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height })
    .map((bits) => ({ width, height, data: Uint8Array.from(bits) }));
  return fc.oneof({ weight: 3, arbitrary: shapes }, { weight: 1, arbitrary: noise });
}

const sizes = fc.record({ width: fc.integer({ min: 1, max: 13 }), height: fc.integer({ min: 1, max: 9 }) });

export const bitmasks: fc.Arbitrary<Bitmask> = sizes.chain(({ width, height }) => bitmasksOf(width, height));

export const bitmaskPairs: fc.Arbitrary<[Bitmask, Bitmask]> = sizes.chain(({ width, height }) =>
  fc.tuple(bitmasksOf(width, height), bitmasksOf(width, height)),
);
