import type { RgbImage } from '../../contracts/segmenter';
import { GLYPH_HEIGHT, plotText, textWidth } from './bitmap-font';
import { inkOn, objectColour, type Rgb } from './object-colour';

/** Draws the ID on a chip of the object's colour, centred at (x, y) and moved inside the picture where needed. In place. */
export function drawLabel(frame: RgbImage, id: number, x: number, y: number, scale: number): void {
  const text = String(id);
  const chipWidth = (textWidth(text) + 4) * scale;
  const chipHeight = (GLYPH_HEIGHT + 4) * scale;
  const left = Math.max(0, Math.min(frame.width - chipWidth, Math.round(x - chipWidth / 2)));
  const top = Math.max(0, Math.min(frame.height - chipHeight, Math.round(y - chipHeight / 2)));
  const background = objectColour(id);
  const ink = inkOn(background);
  fillRect(frame, left, top, chipWidth, chipHeight, background);
  plotText(text, (fx, fy) => fillRect(frame, left + (fx + 2) * scale, top + (fy + 2) * scale, scale, scale, ink));
}

function fillRect(frame: RgbImage, left: number, top: number, width: number, height: number, colour: Rgb): void {
  const right = Math.min(frame.width, left + width);
  const bottom = Math.min(frame.height, top + height);
  for (let y = Math.max(0, top); y < bottom; y++) {
    for (let x = Math.max(0, left); x < right; x++) {
      const p = (y * frame.width + x) * 3;
      frame.data[p] = colour[0];
      frame.data[p + 1] = colour[1];
      frame.data[p + 2] = colour[2];
    }
  }
}
