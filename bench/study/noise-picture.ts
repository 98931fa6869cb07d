import type { RgbImage } from '../../contracts/segmenter';

/** A picture of noise that moves by four pixels from frame to frame, as the bench.py of the Python originals draw it. */
export function noisePicture(width: number, height: number, frame: number): RgbImage {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i + 12 * frame, 2654435761) >>> 24) };
}
