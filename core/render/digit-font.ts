import { strokeCoverage } from './stroke-layer';

type Point = readonly [number, number];

/** Width of a digit in units of its height. */
const ASPECT = 0.6;

/** Points of an arc of an ellipse in degrees, clockwise from the right as y points down. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] {
  const steps = Math.ceil(Math.abs(to - from) / 15);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });
}

const SIX: readonly (readonly Point[])[] = [arc(0.3, 0.68, 0.29, 0.32, 0, 360), arc(0.56, 0.68, 0.55, 0.68, 180, 262)];

/** Centre lines of the digits in a box of 0.6 by 1, y downwards. */
const DIGITS: readonly (readonly (readonly Point[])[])[] = [
  [arc(0.3, 0.5, 0.29, 0.5, 0, 360)],
  [[[0.08, 0.2], [0.33, 0], [0.33, 1]], [[0.1, 1], [0.56, 1]]],
  [[...arc(0.3, 0.29, 0.27, 0.29, -170, 35), [0.03, 1], [0.58, 1]]],
  [[...arc(0.28, 0.25, 0.25, 0.25, -155, 90), [0.2, 0.5]], arc(0.28, 0.74, 0.3, 0.26, -90, 152)],
  [[[0.43, 1], [0.43, 0], [0.01, 0.7], [0.6, 0.7]]],
  [[[0.53, 0], [0.1, 0], [0.05, 0.47], ...arc(0.28, 0.67, 0.3, 0.33, -140, 150)]],
  SIX,
  [[[0.02, 0], [0.58, 0], [0.2, 1]]],
  [arc(0.3, 0.25, 0.25, 0.25, 0, 360), arc(0.3, 0.75, 0.3, 0.25, 0, 360)],
  SIX.map((line) => line.map(([x, y]) => [ASPECT - x, 1 - y] as const)),
];

/** Digits of one size, drawn from strokes and anti-aliased: crisp at any height, and the same on every machine, which fonts are not. */
export class DigitFont {
  /** Of one digit, in pixels. */
  readonly width: number;
  /** Between two digits, in pixels. */
  readonly gap: number;
  private readonly glyphs: readonly Uint8Array[];

  /** @param height of a digit in pixels, 5 or more */
  constructor(readonly height: number) {
    const thickness = Math.max(1.15, height * 0.145);
    this.width = Math.round(height * ASPECT + thickness / 3);
    this.gap = Math.max(1, Math.round(height * 0.13));
    this.glyphs = DIGITS.map((lines) => drawGlyph(lines, this.width, height, thickness));
  }

  /** Width in pixels of the digits of a number. */
  widthOf(text: string): number {
    return text.length * (this.width + this.gap) - this.gap;
  }

  /** Coverage 0..255 of a digit: width x height, row-major. */
  glyph(digit: number): Uint8Array {
    return this.glyphs[digit]!;
  }
}

function drawGlyph(lines: readonly (readonly Point[])[], width: number, height: number, thickness: number): Uint8Array {
  const glyph = new Uint8Array(width * height);
  const inset = thickness / 2 - 0.5;
  const scaleX = (width - 1 - 2 * inset) / ASPECT;
  const scaleY = height - 1 - 2 * inset;
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) {
      const [[ax, ay], [bx, by]] = [line[i - 1]!, line[i]!];
      const ends = [inset + ax * scaleX, inset + ay * scaleY, inset + bx * scaleX, inset + by * scaleY] as const;
      for (let p = 0; p < glyph.length; p++) glyph[p] = Math.max(glyph[p]!, Math.round(255 * strokeCoverage(p % width, Math.floor(p / width), ...ends, thickness).cover));
    }
  }
  return glyph;
}
