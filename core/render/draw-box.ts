import type { RgbImage } from '../../contracts/segmenter';
import type { BoxXywh } from '../geometry/boxes';
import type { Rgb } from './object-colour';

/** Draw the frame of a box, inwards from its edge, in place. @param thickness in pixels */
export function drawBox({ width, height, data }: RgbImage, [left, top, w, h]: BoxXywh, colour: Rgb, thickness: number): void {
  const right = Math.min(width, left + w);
  const bottom = Math.min(height, top + h);
  for (let y = Math.max(0, top); y < bottom; y++) {
    const isEdgeRow = y - top < thickness || bottom - y <= thickness;
    for (let x = Math.max(0, left); x < right; x++) {
      if (!isEdgeRow && x - left >= thickness && right - x > thickness) x = right - thickness;
      const p = (y * width + x) * 3;
      data[p] = colour[0];
      data[p + 1] = colour[1];
      data[p + 2] = colour[2];
    }
  }
}
