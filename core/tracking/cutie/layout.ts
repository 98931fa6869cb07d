import type { CutiePicture } from '../../../contracts/cutie-network';
import type { RgbImage } from '../../../contracts/segmenter';
import { resizeBilinear } from '../../mask/resize';
import { decodeRle } from '../../mask/rle';
import type { Rle } from '../../mask/types';

/** How a picture lies in the network's input: made smaller, then padded with black on all sides to multiples of 16. */
export interface CutieLayout {
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly innerWidth: number;
  readonly innerHeight: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The layout of a picture (inference_core.py, `step`; tensor_utils.py, `pad_divide_by`). */
export function layoutOf({ width: imageWidth, height: imageHeight }: { readonly width: number; readonly height: number }, maxInternalSize: number): CutieLayout {
  const shorter = Math.min(imageWidth, imageHeight);
  const isSmaller = maxInternalSize > 0 && shorter > maxInternalSize;
  const inner = (side: number): number => (isSmaller ? Math.trunc((side / shorter) * maxInternalSize) : side);
  const [innerWidth, innerHeight] = [inner(imageWidth), inner(imageHeight)];
  const [width, height] = [Math.ceil(innerWidth / 16) * 16, Math.ceil(innerHeight / 16) * 16];
  return { imageWidth, imageHeight, innerWidth, innerHeight, left: Math.floor((width - innerWidth) / 2), top: Math.floor((height - innerHeight) / 2), width, height };
}

/** The picture as the network takes it. */
export function toCutiePicture(image: RgbImage, layout: CutieLayout): CutiePicture {
  const { imageWidth, imageHeight, innerWidth, innerHeight, left, top, width, height } = layout;
  const data = new Float32Array(3 * width * height);
  const pixels = imageWidth * imageHeight;
  for (let c = 0; c < 3; c++) {
    const plane = new Float32Array(pixels);
    for (let i = 0, from = c; i < pixels; i++, from += 3) plane[i] = image.data[from]! / 255;
    const inner = innerWidth === imageWidth && innerHeight === imageHeight ? plane : resizeBilinear(plane, imageWidth, imageHeight, innerWidth, innerHeight);
    for (let y = 0; y < innerHeight; y++) data.set(inner.subarray(y * innerWidth, (y + 1) * innerWidth), (c * height + top + y) * width + left);
  }
  return { data, width, height };
}

/** A mask on the network's input, 0 or 1: the pixel nearest to each place. One that is too thin to show has one place. */
export function maskOnLayout(rle: Rle, layout: CutieLayout): Float32Array {
  const { imageWidth, imageHeight, innerWidth, innerHeight, left, top, width, height } = layout;
  if (rle.width !== imageWidth || rle.height !== imageHeight) throw new RangeError(`mask of ${rle.width}x${rle.height} does not fit a picture of ${imageWidth}x${imageHeight}`);
  const { data } = decodeRle(rle);
  const mask = new Float32Array(width * height);
  let isEmpty = true;
  for (let y = 0; y < innerHeight; y++) {
    const row = Math.floor((y + 0.5) * (imageHeight / innerHeight)) * imageWidth;
    for (let x = 0; x < innerWidth; x++) {
      if (data[row + Math.floor((x + 0.5) * (imageWidth / innerWidth))] === 0) continue;
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
export function cropToPicture(plane: Float32Array, { innerWidth, innerHeight, left, top, width }: CutieLayout): Float32Array {
  const out = new Float32Array(innerWidth * innerHeight);
  for (let y = 0; y < innerHeight; y++) out.set(plane.subarray((top + y) * width + left, (top + y) * width + left + innerWidth), y * innerWidth);
  return out;
}
