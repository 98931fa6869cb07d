import type { RgbImage } from '../../contracts/segmenter';
import { resizePil } from './pil-resize';

/** Mean and standard deviation per channel on the 0..255 scale (SAM, segment_anything/build_sam.py). */
const PIXEL_MEAN = [123.675, 116.28, 103.53] as const;
const PIXEL_STD = [58.395, 57.12, 57.375] as const;

export interface InputFrame {
  /** [1, 3, inputSize, inputSize], normalised, zero right of and below the picture. */
  readonly pixels: Float32Array;
  /** Size of the resized picture inside the square. */
  readonly validWidth: number;
  readonly validHeight: number;
  /** Size of the original picture, in its pixels. */
  readonly imageWidth: number;
  readonly imageHeight: number;
}

/**
 * Size after scaling the longest side to `inputSize`, rounded as `int(x * scale + 0.5)`
 * (segment_anything/utils/transforms.py, ResizeLongestSide). A very thin picture keeps at least one pixel.
 */
export function fitLongestSide(width: number, height: number, inputSize: number): { width: number; height: number } {
  const scale = inputSize / Math.max(width, height);
  return { width: Math.max(1, Math.floor(width * scale + 0.5)), height: Math.max(1, Math.floor(height * scale + 0.5)) };
}

/** Picture to network input: longest side resized as PIL does, normalised, planar, padded with zeros to a square. */
export function preprocessImage(image: RgbImage, inputSize: number): InputFrame {
  const size = fitLongestSide(image.width, image.height, inputSize);
  const resized = resizePil(image, size.width, size.height, 'triangle');
  const plane = inputSize * inputSize;
  const pixels = new Float32Array(3 * plane);
  const tables = PIXEL_MEAN.map((mean, c) => Float32Array.from({ length: 256 }, (_, v) => (v - mean) / PIXEL_STD[c]!));
  for (let c = 0; c < 3; c++) {
    const table = tables[c]!;
    for (let y = 0; y < size.height; y++) {
      let from = y * size.width * 3 + c;
      const to = c * plane + y * inputSize;
      for (let x = 0; x < size.width; x++, from += 3) pixels[to + x] = table[resized.data[from]!]!;
    }
  }
  return { pixels, validWidth: size.width, validHeight: size.height, imageWidth: image.width, imageHeight: image.height };
}
