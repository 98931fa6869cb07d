import type { RgbImage } from '../../contracts/segmenter';

// Not looked up in the global object pixel by pixel.
const { floor, max, min, round } = Math;

/** Row-major grey values 0..255 as float32. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Grey picture (ITU-R BT.601 luma) whose longest side is at most `maxSide`, by averaging the source pixels that each
 * target pixel covers (whole pixels only). A picture that is small enough keeps its size.
 * Throws RangeError when `maxSide` is not positive or the picture's data has the wrong length.
 */
export function toGrayImage(image: RgbImage, maxSide: number): GrayImage {
  if (!(maxSide >= 1)) throw new RangeError(`maxSide must be at least 1, got ${maxSide}`);
  if (image.data.length !== image.width * image.height * 3)
    throw new RangeError(`picture of ${image.width}x${image.height} needs ${image.width * image.height * 3} bytes, got ${image.data.length}`);
  const scale = min(1, maxSide / max(image.width, image.height));
  const width = max(1, round(image.width * scale));
  const height = max(1, round(image.height * scale));
  const sums = new Float64Array(width * height);
  const weights = new Uint32Array(width * height);
  const columnOf = Int32Array.from({ length: image.width }, (_, x) => min(width - 1, floor((x * width) / image.width)));
  for (let y = 0; y < image.height; y++) {
    const row = min(height - 1, floor((y * height) / image.height)) * width;
    let from = y * image.width * 3;
    for (let x = 0; x < image.width; x++, from += 3) {
      const to = row + columnOf[x]!;
      sums[to]! += image.data[from]! * 0.299 + image.data[from + 1]! * 0.587 + image.data[from + 2]! * 0.114;
      weights[to]!++;
    }
  }
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = sums[i]! / weights[i]!;
  return { width, height, data };
}

/** Half-size picture (each side rounded up) by 2 x 2 averages; an odd last row or column is repeated. */
export function halveGrayImage(image: GrayImage): GrayImage {
  const width = (image.width + 1) >> 1;
  const height = (image.height + 1) >> 1;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const upper = 2 * y * image.width;
    const lower = min(2 * y + 1, image.height - 1) * image.width;
    for (let x = 0; x < width; x++) {
      const left = 2 * x;
      const right = min(left + 1, image.width - 1);
      data[y * width + x] =
        (image.data[upper + left]! + image.data[upper + right]! + image.data[lower + left]! + image.data[lower + right]!) / 4;
    }
  }
  return { width, height, data };
}

/** The picture with `pad` pixels around it, each repeating the nearest border pixel. */
export function padGrayImage(image: GrayImage, pad: number): GrayImage {
  const width = image.width + 2 * pad;
  const height = image.height + 2 * pad;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = min(max(y - pad, 0), image.height - 1) * image.width;
    const to = y * width;
    data.fill(image.data[from]!, to, to + pad);
    data.set(image.data.subarray(from, from + image.width), to + pad);
    data.fill(image.data[from + image.width - 1]!, to + pad + image.width, to + width);
  }
  return { width, height, data };
}

/** The picture on at least `side` x `side` pixels: its last column and row are repeated as often as that takes. */
export function extendGrayImage(image: GrayImage, side: number): GrayImage {
  const width = max(side, image.width);
  const height = max(side, image.height);
  if (width === image.width && height === image.height) return image;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = min(y, image.height - 1) * image.width;
    const row = image.data.subarray(from, from + image.width);
    data.set(row, y * width);
    data.fill(row[image.width - 1]!, y * width + image.width, (y + 1) * width);
  }
  return { width, height, data };
}
