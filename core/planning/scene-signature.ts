/**
 * A small description of one frame (thumbnail of 64x36 RGB bytes) and how far two frames are apart, for finding scene cuts.
 * Three views that fail in different ways: where the light is (correlation, blind to exposure), how much every pixel changed
 * (mean difference, blind to nothing), and which colours there are (histogram, blind to motion).
 */
export const THUMBNAIL_WIDTH = 64;
export const THUMBNAIL_HEIGHT = 36;
export const THUMBNAIL_BYTES = THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT * 3;

const LEVELS = 6;
const BINS = LEVELS ** 3;

export interface SceneSignature {
  /** Luma 0..255, row-major. */
  readonly luma: Float32Array;
  /** Mean and standard deviation of luma. */
  readonly mean: number;
  readonly deviation: number;
  /** Share of pixels per colour bin, smoothed between neighbouring levels; sums to 1. */
  readonly histogram: Float32Array;
}

/** Describe a thumbnail: THUMBNAIL_BYTES bytes of interleaved RGB. @throws RangeError for any other length. */
export function sceneSignature(rgb: Uint8Array): SceneSignature {
  if (rgb.length !== THUMBNAIL_BYTES) throw new RangeError(`a thumbnail has ${THUMBNAIL_BYTES} bytes, got ${rgb.length}`);
  const pixels = rgb.length / 3;
  const luma = new Float32Array(pixels);
  const histogram = new Float32Array(BINS);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < pixels; i++) {
    const r = rgb[i * 3]!;
    const g = rgb[i * 3 + 1]!;
    const b = rgb[i * 3 + 2]!;
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    luma[i] = y;
    sum += y;
    squares += y * y;
    addToHistogram(histogram, r, g, b, 1 / pixels);
  }
  const mean = sum / pixels;
  return { luma, mean, deviation: Math.sqrt(Math.max(0, squares / pixels - mean * mean)), histogram };
}

/** Spread one pixel over the eight nearest bins, so that small changes of brightness move the histogram only a little. */
function addToHistogram(histogram: Float32Array, r: number, g: number, b: number, weight: number): void {
  const scale = (LEVELS - 1) / 255;
  const red = r * scale;
  const green = g * scale;
  const blue = b * scale;
  const red0 = red >= LEVELS - 1 ? LEVELS - 2 : red | 0;
  const green0 = green >= LEVELS - 1 ? LEVELS - 2 : green | 0;
  const blue0 = blue >= LEVELS - 1 ? LEVELS - 2 : blue | 0;
  for (let dr = 0; dr < 2; dr++) {
    const redShare = (dr === 1 ? red - red0 : 1 - red + red0) * weight;
    for (let dg = 0; dg < 2; dg++) {
      const share = redShare * (dg === 1 ? green - green0 : 1 - green + green0);
      const bin = ((red0 + dr) * LEVELS + green0 + dg) * LEVELS + blue0;
      histogram[bin]! += share * (1 - blue + blue0);
      histogram[bin + 1]! += share * (blue - blue0);
    }
  }
}

/**
 * How different two frames are, 0 (same) to 1: the geometric mean of lost correlation, pixel change and colour change, so that
 * all three must be present. Symmetric.
 */
export function sceneDistance(a: SceneSignature, b: SceneSignature): number {
  let product = 0;
  let change = 0;
  for (let i = 0; i < a.luma.length; i++) {
    const p = a.luma[i]!;
    const q = b.luma[i]!;
    product += (p - a.mean) * (q - b.mean);
    change += p > q ? p - q : q - p;
  }
  const pixels = a.luma.length;
  // +16: flat pictures (black, fog) have no structure to compare, their noise must not count as structure.
  const correlation = product / pixels / (a.deviation * b.deviation + 16);
  const structure = Math.min(1, Math.max(0, 1 - correlation));
  let colour = 0;
  for (let i = 0; i < BINS; i++) {
    const difference = a.histogram[i]! - b.histogram[i]!;
    colour += difference > 0 ? difference : -difference;
  }
  return Math.cbrt(structure * Math.min(1, change / pixels / 64) * Math.min(1, colour / 2));
}
