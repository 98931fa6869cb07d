import { promisify } from 'node:util';
import { deflate, inflateSync } from 'node:zlib';
import { joinChunks, poisonPng, splitChunks, type PngChunk } from './png-chunks';
import { unpackScanlines } from './png-scanlines';
import { vocPalette } from './voc-palette';

/** Label maps as PNG, with the indices kept: 8-bit palette (DAVIS, VOC), and 16-bit grayscale for more than 255 objects. */

const deflateAsync = promisify(deflate);
/** Label maps are runs of equal bytes: more effort costs time and gains nothing. */
const LEVEL = 3;
const DEFAULT_MAX_PIXELS = 35_000_000;
const PALETTE = 3;
const GRAYSCALE = 0;

export interface IndexedImage {
  readonly width: number;
  readonly height: number;
  /** width * height values, row-major: 0..255, or 0..65535 from 16-bit files. */
  readonly data: Uint8Array | Uint16Array;
  /** RGB triples, or null for grayscale files. */
  readonly palette: Uint8Array | null;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
}

/**
 * 8-bit palette PNG.
 * @param image width * height indices, row-major.
 * @param palette RGB triples, at most 256; the VOC/DAVIS palette by default. Must reach as far as the largest index.
 * @throws RangeError for lengths that do not fit.
 */
export async function encodeIndexedPng(
  image: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  palette: Uint8Array = vocPalette(),
): Promise<Buffer> {
  const { width, height, data } = image;
  checkSize(width, height, data.length);
  if (palette.length % 3 !== 0 || palette.length < 3 || palette.length > 768) throw new RangeError('a palette has 1 to 256 RGB triples');
  const colours = palette.length / 3;
  if (colours < 256 && data.some((index) => index >= colours)) throw new RangeError(`an index is outside the palette of ${colours} colours`);
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return joinChunks([header(width, height, 8, PALETTE), { type: 'PLTE', data: palette }, { type: 'IDAT', data: await deflateAsync(rows, { level: LEVEL }) }]);
}

/** 16-bit grayscale PNG of values 0..65535. @throws RangeError when the length does not fit. */
export async function encodeGray16Png(image: { readonly width: number; readonly height: number; readonly data: Uint16Array }): Promise<Buffer> {
  const { width, height, data } = image;
  checkSize(width, height, data.length);
  const stride = width * 2 + 1;
  const rows = new Uint8Array(stride * height);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / width) * stride + 1 + (i % width) * 2;
    rows[at] = data[i]! >> 8;
    rows[at + 1] = data[i]! & 255;
  }
  return joinChunks([header(width, height, 16, GRAYSCALE), { type: 'IDAT', data: await deflateAsync(rows, { level: LEVEL }) }]);
}

/**
 * Read palette PNG of 1, 2, 4 or 8 bits and grayscale PNG of 1 to 16 bits. Values are those of the file: indices are not turned into
 * colours, and grey levels are not scaled.
 * @throws VamgError PoisonImage for anything else: other colour types, interlacing, damage, more than `maxPixels` pixels.
 */
export function decodeIndexedPng(file: Uint8Array, options: { readonly maxPixels?: number } = {}): IndexedImage {
  const chunks = splitChunks(file);
  const { width, height, bitDepth, isPalette } = readHeader(chunks[0], options.maxPixels ?? DEFAULT_MAX_PIXELS);
  const palette = chunks.find(({ type }) => type === 'PLTE')?.data ?? null;
  if (isPalette && palette === null) throw poisonPng('its palette is missing');
  const stride = 1 + Math.ceil((width * bitDepth) / 8);
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  let rows: Buffer;
  try {
    rows = inflateSync(packed, { maxOutputLength: stride * height });
  } catch (error) {
    throw poisonPng('its pixels cannot be unpacked', error);
  }
  if (rows.length !== stride * height) throw poisonPng('it holds fewer pixels than its header says');
  return { width, height, data: unpackScanlines(rows, width, height, bitDepth), palette: isPalette && palette !== null ? Uint8Array.from(palette) : null, bitDepth };
}

function readHeader(chunk: PngChunk | undefined, maxPixels: number): { width: number; height: number; bitDepth: IndexedImage['bitDepth']; isPalette: boolean } {
  if (chunk?.type !== 'IHDR' || chunk.data.length !== 13) throw poisonPng('its header is missing');
  const view = new DataView(chunk.data.buffer, chunk.data.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colourType, compression, filter, interlace] = [8, 9, 10, 11, 12].map((at) => view.getUint8(at));
  if (width < 1 || height < 1 || width * height > maxPixels) throw poisonPng(`it has ${width}x${height} pixels (the limit is ${maxPixels})`);
  const isPalette = colourType === PALETTE;
  if (!isPalette && colourType !== GRAYSCALE) throw poisonPng('it has colours instead of indices');
  if (bitDepth !== 1 && bitDepth !== 2 && bitDepth !== 4 && bitDepth !== 8 && !(bitDepth === 16 && !isPalette)) throw poisonPng(`it has ${bitDepth} bits per pixel`);
  if (compression !== 0 || filter !== 0) throw poisonPng('it is packed in an unknown way');
  if (interlace !== 0) throw poisonPng('it is interlaced');
  return { width, height, bitDepth, isPalette };
}

function header(width: number, height: number, bitDepth: number, colourType: number): PngChunk {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, bitDepth);
  view.setUint8(9, colourType);
  return { type: 'IHDR', data };
}

function checkSize(width: number, height: number, length: number): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) throw new RangeError(`${width}x${height} is not a picture size`);
  if (length !== width * height) throw new RangeError(`a picture of ${width}x${height} needs ${width * height} values, got ${length}`);
}
