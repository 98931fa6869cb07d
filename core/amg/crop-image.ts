import type { RgbImage } from '../../contracts/segmenter';
import type { BoxXyxy } from '../geometry/boxes';

/** The part of the picture inside `box` (integer corners, inside the picture); the picture itself when it is all of it. */
export function cropImage(image: RgbImage, box: BoxXyxy): RgbImage {
  const [x0, y0, x1, y1] = box;
  const width = x1 - x0;
  const height = y1 - y0;
  if (width === image.width && height === image.height) return image;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y0 + y) * image.width + x0) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}
