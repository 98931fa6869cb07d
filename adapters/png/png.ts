import { constants } from 'node:fs';
import { access, rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { VamgError } from '../../contracts/errors';
import type { RgbImage } from '../../contracts/segmenter';

/** Pictures in and out, through sharp. */

const DEFAULT_MAX_PIXELS = 35_000_000;
/** What sharp may decode. Vector formats and documents are left out: they are programs, or name other files. */
const ALLOWED_FORMATS: readonly string[] = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif', 'jp2', 'jxl'];

/**
 * Read a picture as 8-bit sRGB, upright (EXIF), the first frame of animated ones, transparency dropped.
 * @throws VamgError PoisonImage: missing, not a picture, damaged, or more than `maxPixels` pixels (35 million by default).
 */
export async function readImageRgb(path: string, options: { readonly maxPixels?: number } = {}): Promise<RgbImage> {
  const name = basename(path);
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  await checkFile(path, name);
  try {
    const picture = sharp(path, { limitInputPixels: false, failOn: 'error', sequentialRead: true });
    const { format, width, height } = await picture.metadata();
    if (!ALLOWED_FORMATS.includes(format)) throw poison(name, `is ${format}, which is not accepted; convert it to PNG or JPEG`);
    if (width * height > maxPixels) throw poison(name, `has ${width}x${height} pixels, more than the limit of ${maxPixels}; scale it down first`);
    const { data, info } = await picture.rotate().toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw poison(name, `has ${info.channels} colour channels; convert it to RGB`);
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    if (error instanceof VamgError) throw error;
    throw poison(name, 'is not a picture, or is damaged; open it with a viewer and save it as PNG', error);
  }
}

/** Write an RGB PNG: beside the target first, then renamed. @throws RangeError when the data does not fit the size. */
export async function writeRgbPng(path: string, image: RgbImage): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await raw(image).png({ compressionLevel: 6 }).toFile(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** RGBA PNG bytes (straight alpha). @param image width * height * 4 bytes, row-major. @throws RangeError when the data does not fit the size. */
export function encodeRgbaPng(image: RgbImage): Promise<Buffer> {
  return raw(image, 4).png({ compressionLevel: 6 }).toBuffer();
}

/** JPEG bytes, for previews and pages. @param quality 1..100. @throws RangeError when the data does not fit the size. */
export function encodeJpeg(image: RgbImage, quality = 85): Promise<Buffer> {
  return raw(image).jpeg({ quality, mozjpeg: false }).toBuffer();
}

function raw({ width, height, data }: RgbImage, channels: 3 | 4 = 3): sharp.Sharp {
  if (data.length !== width * height * channels) throw new RangeError(`a picture of ${width}x${height} has ${width * height * channels} bytes, got ${data.length}`);
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

async function checkFile(path: string, name: string): Promise<void> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw poison(name, 'is not a file; give one picture');
    if (status.size === 0) throw poison(name, 'is empty (0 bytes)');
    await access(path, constants.R_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw poison(name, 'does not exist; check the path', error);
    if (code === 'EACCES' || code === 'EPERM') throw poison(name, 'may not be read by this user; change its permissions', error);
    throw error;
  }
}

function poison(name: string, what: string, cause?: unknown): VamgError {
  return new VamgError('PoisonImage', `"${name}" ${what}.`, cause === undefined ? {} : { cause });
}
