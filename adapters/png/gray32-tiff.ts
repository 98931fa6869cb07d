import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

const deflateAsync = promisify(deflate);
const LEVEL = 3;
const SHORT = 3;
const LONG = 4;
/** Compression 8: zlib ("Adobe deflate"). */
const ZLIB = 8;

/**
 * Baseline TIFF 6.0 with one channel of unsigned 32 bits, one zlib-packed strip, little-endian: what PNG cannot hold.
 * @param image width * height values, row-major.
 * @throws RangeError when the length does not fit.
 */
export async function encodeGray32Tiff(image: { readonly width: number; readonly height: number; readonly data: Uint32Array }): Promise<Buffer> {
  const { width, height, data } = image;
  if (data.length !== width * height || data.length === 0) throw new RangeError(`a picture of ${width}x${height} needs ${width * height} values, got ${data.length}`);
  const pixels = Buffer.alloc(data.length * 4);
  for (let i = 0; i < data.length; i++) pixels.writeUInt32LE(data[i]!, i * 4);
  const strip = await deflateAsync(pixels, { level: LEVEL });
  const tags: readonly (readonly [number, number, number])[] = [
    [256, LONG, width],
    [257, LONG, height],
    [258, SHORT, 32], // bits per sample
    [259, SHORT, ZLIB],
    [262, SHORT, 1], // black is zero
    [273, LONG, 8], // where the strip begins
    [277, SHORT, 1], // samples per pixel
    [278, LONG, height], // rows per strip
    [279, LONG, strip.length],
    [339, SHORT, 1], // unsigned integers
  ];
  const padding = strip.length & 1;
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  directory.writeUInt16LE(tags.length, 0);
  tags.forEach(([tag, type, value], i) => {
    const at = 2 + i * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(1, at + 4);
    directory.writeUInt32LE(value, at + 8); // a SHORT lies in the low bytes
  });
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(8 + strip.length + padding, 4);
  return Buffer.concat([header, strip, Buffer.alloc(padding), directory]);
}
