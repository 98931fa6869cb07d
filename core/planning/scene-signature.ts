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
    const [r, g, b] = [rgb[i * 3]!, rgb[i * 3 + 1]!, rgb[i * 3 + 2]!];
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
  const [x, y, z] = [r * scale, g * scale, b * scale];
  const [x0, y0, z0] = [Math.min(LEVELS - 2, x | 0), Math.min(LEVELS - 2, y | 0), Math.min(LEVELS - 2, z | 0)];
  const [fx, fy, fz] = [x - x0, y - y0, z - z0];
  for (let corner = 0; corner < 8; corner++) {
    const [dx, dy, dz] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const share = (dx === 1 ? fx : 1 - fx) * (dy === 1 ? fy : 1 - fy) * (dz === 1 ? fz : 1 - fz);
    histogram[((x0 + dx) * LEVELS + y0 + dy) * LEVELS + z0 + dz]! += share * weight;
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
    const [p, q] = [a.luma[i]!, b.luma[i]!];
    product += (p - a.mean) * (q - b.mean);
    change += Math.abs(p - q);
  }
  const pixels = a.luma.length;
  // +2: flat pictures (black, fog) have no structure to compare, their noise must not count as structure.
  const correlation = product / pixels / ((a.deviation + 2) * (b.deviation + 2));
  const structure = Math.min(1, Math.max(0, 1 - correlation));
  let colour = 0;
  for (let i = 0; i < BINS; i++) colour += Math.abs(a.histogram[i]! - b.histogram[i]!);
  return Math.cbrt(structure * Math.min(1, change / pixels / 64) * (colour / 2));
}
