import type { RgbImage } from '../../contracts/segmenter';

/** Mean and standard deviation per channel on the 0..1 scale (dataloaders/video_transforms.py, `MultiToTensor`). */
const PIXEL_MEAN = [0.485, 0.456, 0.406] as const;
const PIXEL_STD = [0.229, 0.224, 0.225] as const;

const { floor, max, min } = Math;

/** Picture to network input: resized as OpenCV's INTER_CUBIC does it on floats (not antialiased, not clamped), normalised, planar: [1, 3, height, width]. */
export function preprocessCubic(image: RgbImage, width: number, height: number): Float32Array {
  const columns = cubicTaps(image.width, width);
  const rows = cubicTaps(image.height, height);
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  const lines = resizeRows(image, width, columns);
  const stride = 3 * width;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < 4; k++) sum += rows.weights[4 * y + k]! * lines[rows.places[4 * y + k]! * stride + 3 * x + c]!;
        out[c * plane + y * width + x] = (sum / 255 - PIXEL_MEAN[c]!) / PIXEL_STD[c]!;
      }
  return out;
}

function resizeRows({ data, width: sourceWidth, height }: RgbImage, width: number, { places, weights }: CubicTaps): Float32Array {
  const out = new Float32Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++, to++) {
        let sum = 0;
        for (let k = 0; k < 4; k++) sum += weights[4 * x + k]! * data[(y * sourceWidth + places[4 * x + k]!) * 3 + c]!;
        out[to] = sum;
      }
  return out;
}

interface CubicTaps {
  /** Four source indices for each target index. */
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** Cubic convolution with a = -0.75; beyond the border the last pixel is repeated. A size that does not change is left as it is. */
function cubicTaps(from: number, to: number): CubicTaps {
  const taps = { places: new Int32Array(4 * to), weights: new Float64Array(4 * to) };
  const a = -0.75;
  for (let i = 0; i < to; i++) {
    const place = (i + 0.5) * (from / to) - 0.5;
    const first = floor(place);
    const x = place - first;
    const before = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
    const left = ((a + 2) * x - (a + 3)) * x * x + 1;
    const right = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
    taps.weights.set([before, left, right, 1 - before - left - right], 4 * i);
    for (let k = 0; k < 4; k++) taps.places[4 * i + k] = min(from - 1, max(0, first - 1 + k));
  }
  return taps;
}
