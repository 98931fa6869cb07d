import type { RgbImage } from '../../contracts/segmenter';
import { resizePil } from '../sam/pil-resize';

/** Mean and standard deviation per channel on the 0..1 scale (SAM 2, sam2/utils/misc.py). */
const PIXEL_MEAN = [0.485, 0.456, 0.406] as const;
const PIXEL_STD = [0.229, 0.224, 0.225] as const;

/** Picture to network input: stretched to a square as Pillow does it, normalised, planar: [1, 3, inputSize, inputSize]. */
export function preprocessSquare(image: RgbImage, inputSize: number): Float32Array {
  const { data } = resizePil(image, inputSize, inputSize, 'cubic');
  const plane = inputSize * inputSize;
  const pixels = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const table = Float32Array.from({ length: 256 }, (_, value) => (value / 255 - PIXEL_MEAN[c]!) / PIXEL_STD[c]!);
    for (let i = 0, from = c; i < plane; i++, from += 3) pixels[c * plane + i] = table[data[from]!]!;
  }
  return pixels;
}
