/** Width and height of one glyph in font pixels; glyphs stand one font pixel apart. */
export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

/** Rows from top to bottom; bit 4 is the leftmost pixel. Digits only: labels are object IDs. */
const DIGITS: readonly (readonly number[])[] = [
  [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
  [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
  [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
  [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
  [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
  [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
  [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
  [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
  [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
  [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
];

/** Width in font pixels of `text`. */
export function textWidth(text: string): number {
  return text.length === 0 ? 0 : text.length * (GLYPH_WIDTH + 1) - 1;
}

/** Calls `plot` for every set font pixel of `text` (digits; other characters stay blank), origin at the top left. */
export function plotText(text: string, plot: (x: number, y: number) => void): void {
  for (let i = 0; i < text.length; i++) {
    const glyph = DIGITS[text.charCodeAt(i) - 48];
    if (glyph === undefined) continue;
    for (let y = 0; y < GLYPH_HEIGHT; y++) {
      for (let x = 0; x < GLYPH_WIDTH; x++) {
        if (glyph[y]! & (0x10 >> x)) plot(i * (GLYPH_WIDTH + 1) + x, y);
      }
    }
  }
}
