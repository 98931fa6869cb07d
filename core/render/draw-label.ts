import type { RgbImage } from '../../contracts/segmenter';
import type { DigitFont } from './digit-font';
import { inkOn, objectColour } from './object-colour';
import type { Place } from './place-labels';
import { blendPixel } from './stroke-layer';

/** Size in pixels of the chip with an ID. */
export function labelSize(id: number, font: DigitFont): { readonly width: number; readonly height: number } {
  const margin = marginOf(font);
  return { width: font.widthOf(String(id)) + 2 * margin, height: font.height + 2 * margin };
}

/** Draw the ID on a chip of the object's colour with rounded corners, in place. What lies outside the picture is left out. */
export function drawLabel(frame: RgbImage, id: number, { left, top, width, height }: Place, font: DigitFont): void {
  const background = objectColour(id);
  const ink = inkOn(background);
  const radius = Math.min(width, height) / 4;
  each(frame, left, top, width, height, (p, x, y) => blendPixel(frame.data, p, background, cornerCoverage(x, y, width, height, radius)));
  const margin = marginOf(font);
  [...String(id)].forEach((digit, i) => {
    const glyph = font.glyph(Number(digit));
    each(frame, left + margin + i * (font.width + font.gap), top + margin, font.width, font.height, (p, x, y) => blendPixel(frame.data, p, ink, glyph[y * font.width + x]! / 255));
  });
}

function marginOf({ height }: DigitFont): number {
  return Math.max(2, Math.round(height * 0.28));
}

/** Share of pixel (x, y) inside a rectangle with rounded corners, 0..1. */
function cornerCoverage(x: number, y: number, width: number, height: number, radius: number): number {
  const dx = Math.max(radius - (x + 0.5), x + 0.5 - (width - radius), 0);
  const dy = Math.max(radius - (y + 0.5), y + 0.5 - (height - radius), 0);
  return Math.max(0, Math.min(1, radius + 0.5 - Math.sqrt(dx * dx + dy * dy)));
}

/** Call `draw` for the pixels of a rectangle that lie in the picture, with their place in the data and in the rectangle. */
function each({ width, height }: RgbImage, left: number, top: number, w: number, h: number, draw: (p: number, x: number, y: number) => void): void {
  for (let y = Math.max(0, -top); y < Math.min(h, height - top); y++) for (let x = Math.max(0, -left); x < Math.min(w, width - left); x++) draw(((top + y) * width + left + x) * 3, x, y);
}
