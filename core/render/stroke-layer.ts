import type { RgbImage } from '../../contracts/segmenter';
import type { Rgb } from './object-colour';

/** Share of a pixel that a round-ended line of `width` from (x0, y0) to (x1, y1) covers, 0..1, and where along it (0..1) the pixel is nearest. */
export function strokeCoverage(x: number, y: number, x0: number, y0: number, x1: number, y1: number, width: number): { readonly cover: number; readonly along: number } {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / length));
  const ex = x - x0 - along * dx;
  const ey = y - y0 - along * dy;
  return { cover: Math.max(0, Math.min(1, width / 2 + 0.5 - Math.sqrt(ex * ex + ey * ey))), along };
}

/**
 * Anti-aliased lines that are blended in one go in one colour: where lines of a layer cross or meet, the stronger one counts, so that
 * joints of a translucent path do not show. Whole coordinates are pixel centres. One layer serves any number of paths, one after the other.
 */
export class StrokeLayer {
  /** Strength 0..255 per pixel, row-major; all 0 between blends. */
  private readonly strength: Uint8Array;
  private left = Infinity;
  private top = Infinity;
  private right = -1;
  private bottom = -1;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.strength = new Uint8Array(width * height);
  }

  /** Add a round-ended line of `thickness` pixels whose strength (0..1) goes from `from` to `to`. Parts outside the picture are left out. */
  line(x0: number, y0: number, x1: number, y1: number, thickness: number, from = 1, to = from): void {
    const reach = thickness / 2 + 1;
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
    const right = Math.min(this.width - 1, Math.ceil(Math.max(x0, x1) + reach));
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(y0, y1) + reach));
    if (left > right || top > bottom) return;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const { cover, along } = strokeCoverage(x, y, x0, y0, x1, y1, thickness);
        const value = Math.round(255 * cover * (from + (to - from) * along));
        const at = y * this.width + x;
        if (value > this.strength[at]!) this.strength[at] = value;
      }
    }
    this.left = Math.min(this.left, left);
    this.top = Math.min(this.top, top);
    this.right = Math.max(this.right, right);
    this.bottom = Math.max(this.bottom, bottom);
  }

  /** Blend all lines into a frame of the layer's size, in place, and begin anew. @param opacity 0..1 */
  blend({ data }: RgbImage, colour: Rgb, opacity = 1): void {
    const share = Math.round(opacity * 256);
    for (let y = this.top; y <= this.bottom; y++) {
      for (let at = y * this.width + this.left; at <= y * this.width + this.right; at++) {
        const strength = this.strength[at]!;
        if (strength === 0) continue;
        this.strength[at] = 0;
        blendPixel(data, at * 3, colour, (strength * share) / (255 * 256));
      }
    }
    this.left = this.top = Infinity;
    this.right = this.bottom = -1;
  }
}

/** Mix `share` (0..1) of a colour into the pixel whose red is at `p`. */
export function blendPixel(data: Uint8Array, p: number, colour: Rgb, share: number): void {
  for (let i = 0; i < 3; i++) data[p + i] = Math.round(data[p + i]! + (colour[i]! - data[p + i]!) * share);
}
