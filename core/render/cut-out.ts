import type { RgbImage } from '../../contracts/segmenter';
import type { BoxXywh } from '../geometry/boxes';
import type { Rle } from '../mask/types';

/**
 * The pixels of one object on a transparent picture; what is transparent is black, so that nothing else of the frame is in it.
 * @param box part of the picture to give, for example the mask's tight box; default all of it
 * @returns box width * box height * 4 bytes of RGBA, row-major. @throws RangeError when mask and frame differ in size
 */
export function cutOut({ width, height, data }: RgbImage, rle: Rle, [left, top, boxWidth, boxHeight]: BoxXywh = [0, 0, width, height]): Uint8Array {
  if (rle.width !== width || rle.height !== height) throw new RangeError(`the mask is ${rle.width}x${rle.height}, the frame ${width}x${height}`);
  const rgba = new Uint8Array(boxWidth * boxHeight * 4);
  let position = 0;
  for (let i = 0; i + 1 < rle.counts.length; i += 2) {
    position += rle.counts[i]!;
    const end = position + rle.counts[i + 1]!;
    for (; position < end; position++) {
      const [x, y] = [Math.floor(position / height), position % height];
      if (x < left || x >= left + boxWidth || y < top || y >= top + boxHeight) continue;
      const from = (y * width + x) * 3;
      const to = ((y - top) * boxWidth + x - left) * 4;
      rgba[to] = data[from]!;
      rgba[to + 1] = data[from + 1]!;
      rgba[to + 2] = data[from + 2]!;
      rgba[to + 3] = 255;
    }
  }
  return rgba;
}

/** How well a frame shows an object: its pixels times its score, half of that where it touches the picture's edge and so may be cut off. */
export function viewQuality(mask: { readonly area: number; readonly score: number; readonly bbox: BoxXywh }, picture: { readonly width: number; readonly height: number }): number {
  const [left, top, width, height] = mask.bbox;
  const isCutOff = left <= 0 || top <= 0 || left + width >= picture.width || top + height >= picture.height;
  return mask.area * mask.score * (isCutOff ? 0.5 : 1);
}
