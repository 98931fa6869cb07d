import type { PaddedPicture } from '../../../contracts/token-network';
import type { RgbImage } from '../../../contracts/segmenter';
import { resizeBilinear } from '../../mask/resize';
import { decodeRle } from '../../mask/rle';
import type { Rle } from '../../mask/types';

/** Which pixel of `from` stands at place `at` of `to`: PyTorch's two nearest neighbours, by corners and by centres. */
const NEAREST = {
  nearest: (at: number, from: number, to: number): number => Math.min(from - 1, Math.floor(Math.fround(at * Math.fround(from / to)))),
  'nearest-exact': (at: number, from: number, to: number): number => Math.floor((at + 0.5) * (from / to)),
};

/** Pictures are at most so many times enlarged, or a line of pixels would fill the memory. */
const MOST_ENLARGEMENT = 4;

/** How a network takes pictures. */
export interface PaddingRules {
  /** Length in pixels to which the shorter side of a larger picture is brought, and of a smaller one where `enlarges`; -1 keeps every size. */
  readonly shorterSide: number;
  readonly enlarges: boolean;
  /** How given masks are resized. */
  readonly nearest: keyof typeof NEAREST;
  /** Colour around the picture, RGB 0..1. */
  readonly ground: readonly [number, number, number];
}

/** How a picture lies in the network's input: resized, then padded on all sides to multiples of 16. */
export interface PaddedLayout extends PaddingRules {
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly innerWidth: number;
  readonly innerHeight: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The layout of a picture (Cutie: inference_core.py, `step`; XMem: video_reader.py, `resize_mask`; both: `pad_divide_by`). */
export function layoutOf({ width: imageWidth, height: imageHeight }: { readonly width: number; readonly height: number }, rules: PaddingRules): PaddedLayout {
  const shorter = Math.min(imageWidth, imageHeight);
  const wanted = rules.enlarges ? Math.min(rules.shorterSide, MOST_ENLARGEMENT * shorter) : Math.min(rules.shorterSide, shorter);
  const inner = (side: number): number => (wanted > 0 && wanted !== shorter ? Math.trunc((side / shorter) * wanted) : side);
  const [innerWidth, innerHeight] = [inner(imageWidth), inner(imageHeight)];
  const [width, height] = [Math.ceil(innerWidth / 16) * 16, Math.ceil(innerHeight / 16) * 16];
  return { ...rules, imageWidth, imageHeight, innerWidth, innerHeight, left: Math.floor((width - innerWidth) / 2), top: Math.floor((height - innerHeight) / 2), width, height };
}

/** The picture as the network takes it. */
export function toPaddedPicture(image: RgbImage, layout: PaddedLayout): PaddedPicture {
  const { imageWidth, imageHeight, innerWidth, innerHeight, left, top, width, height, ground } = layout;
  const data = new Float32Array(3 * width * height);
  const pixels = imageWidth * imageHeight;
  for (let c = 0; c < 3; c++) {
    data.fill(ground[c]!, c * width * height, (c + 1) * width * height);
    const plane = new Float32Array(pixels);
    for (let i = 0, from = c; i < pixels; i++, from += 3) plane[i] = image.data[from]! / 255;
    const inner = innerWidth === imageWidth && innerHeight === imageHeight ? plane : resizeBilinear(plane, imageWidth, imageHeight, innerWidth, innerHeight);
    for (let y = 0; y < innerHeight; y++) data.set(inner.subarray(y * innerWidth, (y + 1) * innerWidth), (c * height + top + y) * width + left);
  }
  return { data, width, height };
}

/** A mask on the network's input, 0 or 1: the pixel nearest to each place. One that is too thin to show has one place. */
export function maskOnLayout(rle: Rle, layout: PaddedLayout): Float32Array {
  const { imageWidth, imageHeight, innerWidth, innerHeight, left, top, width, height } = layout;
  if (rle.width !== imageWidth || rle.height !== imageHeight) throw new RangeError(`mask of ${rle.width}x${rle.height} does not fit a picture of ${imageWidth}x${imageHeight}`);
  const { data } = decodeRle(rle);
  const nearest = NEAREST[layout.nearest];
  const columns = Int32Array.from({ length: innerWidth }, (_, x) => nearest(x, imageWidth, innerWidth));
  const mask = new Float32Array(width * height);
  let isEmpty = true;
  for (let y = 0; y < innerHeight; y++) {
    const row = nearest(y, imageHeight, innerHeight) * imageWidth;
    for (let x = 0; x < innerWidth; x++) {
      if (data[row + columns[x]!] === 0) continue;
      mask[(top + y) * width + left + x] = 1;
      isEmpty = false;
    }
  }
  const first = isEmpty ? data.indexOf(1) : -1;
  if (first >= 0) {
    const y = Math.floor((Math.floor(first / imageWidth) * innerHeight) / imageHeight);
    mask[(top + y) * width + left + Math.floor(((first % imageWidth) * innerWidth) / imageWidth)] = 1;
  }
  return mask;
}

/** The part of a plane on the network's input that is picture: [innerHeight, innerWidth]. */
export function cropToPicture(plane: Float32Array, { innerWidth, innerHeight, left, top, width }: PaddedLayout): Float32Array {
  const out = new Float32Array(innerWidth * innerHeight);
  for (let y = 0; y < innerHeight; y++) out.set(plane.subarray((top + y) * width + left, (top + y) * width + left + innerWidth), y * innerWidth);
  return out;
}
