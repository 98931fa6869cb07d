import fc from 'fast-check';
import { decode, encode } from 'fast-png';
import { deflateSync } from 'node:zlib';
import { decodeIndexedPng, encodeGray16Png, encodeIndexedPng } from '../../../adapters/png/indexed-png';
import { joinChunks } from '../../../adapters/png/png-chunks';
import { vocPalette } from '../../../adapters/png/voc-palette';

const image = (maxValue: number): fc.Arbitrary<{ width: number; height: number; values: number[] }> =>
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 }))
    .chain(([width, height]) => fc.record({ width: fc.constant(width), height: fc.constant(height), values: fc.array(fc.integer({ min: 0, max: maxValue }), { minLength: width * height, maxLength: width * height }) }));

/** A PNG of any one-channel kind, rows packed by hand. */
function pack(width: number, height: number, values: number[], bitDepth: number, colourType: number): Buffer {
  const stride = 1 + Math.ceil((width * bitDepth) / 8);
  const rows = new Uint8Array(stride * height);
  values.forEach((value, i) => {
    const bit = (i % width) * bitDepth;
    rows[Math.floor(i / width) * stride + 1 + (bit >> 3)]! |= value << (8 - bitDepth - (bit & 7));
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType, 0, 0, 0], 8);
  const palette = colourType === 3 ? [{ type: 'PLTE', data: vocPalette() }] : [];
  return joinChunks([{ type: 'IHDR', data: header }, ...palette, { type: 'IDAT', data: deflateSync(rows) }]);
}

describe('indexed PNG', () => {
  it('gives every index back, to us and to fast-png', async () => {
    await fc.assert(
      fc.asyncProperty(image(255), async ({ width, height, values }) => {
        const file = await encodeIndexedPng({ width, height, data: Uint8Array.from(values) });
        expect(decodeIndexedPng(file)).toEqual({ width, height, data: Uint8Array.from(values), palette: vocPalette(), bitDepth: 8 });
        const other = decode(file);
        expect([...other.data]).toEqual(values);
        expect(other.palette?.flat()).toEqual([...vocPalette()]);
      }),
      { numRuns: 60 },
    );
  });

  it('reads what fast-png writes, with whatever row filters it chose', () => {
    fc.assert(
      fc.property(image(65535), ({ width, height, values }) => {
        const file = encode({ width, height, data: Uint16Array.from(values), depth: 16, channels: 1 });
        expect([...decodeIndexedPng(file).data]).toEqual(values);
      }),
      { numRuns: 40 },
    );
  });

  it('reads back 16-bit grayscale', async () => {
    await fc.assert(
      fc.asyncProperty(image(65535), async ({ width, height, values }) => {
        const file = await encodeGray16Png({ width, height, data: Uint16Array.from(values) });
        expect(decodeIndexedPng(file)).toEqual({ width, height, data: Uint16Array.from(values), palette: null, bitDepth: 16 });
        expect([...decode(file).data]).toEqual(values);
      }),
      { numRuns: 40 },
    );
  });

  it.each([[1, 3], [2, 3], [4, 3], [8, 3], [1, 0], [2, 0], [4, 0], [8, 0]])('reads %i bits per pixel of colour type %i', (bitDepth, colourType) => {
    fc.assert(
      fc.property(image(2 ** bitDepth - 1), ({ width, height, values }) => {
        const decoded = decodeIndexedPng(pack(width, height, values, bitDepth, colourType));
        expect([...decoded.data]).toEqual(values);
        expect(decoded.palette === null).toBe(colourType === 0);
      }),
      { numRuns: 20 },
    );
  });

  it('has the colours that DAVIS uses', () => {
    const palette = vocPalette();
    const colour = (index: number): number[] => [...palette.subarray(index * 3, index * 3 + 3)];
    expect([0, 1, 2, 3, 7, 8, 255].map(colour)).toEqual([[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [128, 128, 128], [64, 0, 0], [224, 224, 192]]);
  });

  it('says what is wrong with files that it cannot read', async () => {
    const good = await encodeIndexedPng({ width: 4, height: 4, data: new Uint8Array(16) });
    const flipped = Buffer.from(good);
    flipped[20]! ^= 1;
    const colours = Buffer.from(encode({ width: 1, height: 1, data: new Uint8Array(3), channels: 3 }));
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /does not begin like a PNG/],
      [Buffer.from('hello, this is text'), /does not begin like a PNG/],
      [good.subarray(0, good.length - 20), /cut off/],
      [flipped, /wrong checksum/],
      [colours, /colours instead of indices/],
    ];
    for (const [file, message] of cases) expect(() => decodeIndexedPng(file)).toThrow(expect.objectContaining({ failure: 'PoisonImage', message: expect.stringMatching(message) }));
    expect(() => decodeIndexedPng(good, { maxPixels: 15 })).toThrow(/limit is 15/);
  });

  it('refuses data that does not fit its size or palette', async () => {
    await expect(encodeIndexedPng({ width: 2, height: 2, data: new Uint8Array(3) })).rejects.toThrow(RangeError);
    await expect(encodeIndexedPng({ width: 1, height: 1, data: Uint8Array.of(2) }, new Uint8Array(6))).rejects.toThrow('outside the palette');
    await expect(encodeGray16Png({ width: 0, height: 2, data: new Uint16Array(0) })).rejects.toThrow(RangeError);
  });
});
