import { inflateSync } from 'node:zlib';
import { encodeGray32Tiff } from '../../../adapters/png/gray32-tiff';

describe('encodeGray32Tiff', () => {
  it('writes one packed strip of 32-bit values, and tags that say so', async () => {
    const data = Uint32Array.of(0, 70_000, 0xffffffff, 1, 2, 3);
    const file = await encodeGray32Tiff({ width: 3, height: 2, data });
    expect(file.toString('latin1', 0, 4)).toBe('II*\0');
    const directory = file.readUInt32LE(4);
    const tags = new Map(Array.from({ length: file.readUInt16LE(directory) }, (_, i) => [file.readUInt16LE(directory + 2 + i * 12), file.readUInt32LE(directory + 10 + i * 12)]));
    expect(directory % 2).toBe(0);
    expect([...tags.keys()]).toEqual([...tags.keys()].sort((a, b) => a - b));
    expect(Object.fromEntries(tags)).toMatchObject({ 256: 3, 257: 2, 258: 32, 259: 8, 277: 1, 278: 2, 339: 1 });
    const strip = inflateSync(file.subarray(tags.get(273), tags.get(273)! + tags.get(279)!));
    expect(Array.from({ length: 6 }, (_, i) => strip.readUInt32LE(i * 4))).toEqual([...data]);
    expect(file.readUInt32LE(directory + 2 + tags.size * 12)).toBe(0);
  });

  it('refuses data that does not fit', async () => {
    await expect(encodeGray32Tiff({ width: 3, height: 2, data: new Uint32Array(5) })).rejects.toThrow(RangeError);
  });
});
