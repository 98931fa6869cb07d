import type { DetectionLine } from '../../../contracts/artefacts';
import type { RgbImage } from '../../../contracts/segmenter';
import { encodeRle, rleArea } from '../../../core/mask/rle';
import { rleToCocoString } from '../../../core/mask/rle-string';
import type { Rle } from '../../../core/mask/types';
import { texture } from '../flow/textures';

export const WIDTH = 160;
export const HEIGHT = 96;

/** A rectangle of one colour whose top left corner is at `place(t)`; null while it is hidden. Later shapes cover earlier ones. */
export interface Shape {
  readonly colour: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
  readonly place: (t: number) => readonly [number, number] | null;
}

export const RED = [220, 30, 30] as const;
export const GREEN = [30, 210, 40] as const;
export const BLUE = [40, 40, 230] as const;
const GREY = [90, 90, 90] as const;
export const YELLOW = [230, 220, 20] as const;

/** Light of the texture -10..10, tabulated since it is drawn over and over. */
const LIGHT = Int8Array.from({ length: WIDTH * HEIGHT }, (_, i) => Math.round(((texture(i % WIDTH, Math.floor(i / WIDTH)) - 128) / 128) * 14));

/** Which shape is on top of each pixel: its index + 1, 0 for background. */
function stack(shapes: readonly Shape[], t: number): Uint8Array {
  const top = new Uint8Array(WIDTH * HEIGHT);
  shapes.forEach((shape, s) => {
    const at = shape.place(t);
    if (!at) return;
    const [x0, y0] = [Math.round(at[0]), Math.round(at[1])];
    const [from, to] = [Math.max(0, x0), Math.min(WIDTH, x0 + shape.width)];
    for (let y = Math.max(0, y0); y < Math.min(HEIGHT, y0 + shape.height); y++) if (to > from) top.fill(s + 1, y * WIDTH + from, y * WIDTH + to);
  });
  return top;
}

/** Frame t: shapes with a light texture that moves along, on a low-contrast background that stays. */
export function drawScene(shapes: readonly Shape[], t: number): RgbImage {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const top = stack(shapes, t);
  const offsets = [[0, 0], ...shapes.map((shape) => (shape.place(t) ?? [0, 0]).map((v) => Math.round(v)))];
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i++) {
      const [ox, oy] = offsets[top[i]!]!;
      const light = LIGHT[((y - oy! + 4 * HEIGHT) % HEIGHT) * WIDTH + ((x - ox! + 4 * WIDTH) % WIDTH)]!;
      const colour = top[i]! > 0 ? shapes[top[i]! - 1]!.colour : GREY;
      for (let c = 0; c < 3; c++) data[i * 3 + c] = colour[c]! + light;
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

/** Visible pixels of a shape on frame t. */
export function visibleMask(shapes: readonly Shape[], shape: Shape, t: number): Rle {
  const value = shapes.indexOf(shape) + 1;
  return encodeRle({ width: WIDTH, height: HEIGHT, data: stack(shapes, t).map((v) => (v === value ? 1 : 0)) });
}

/** What a perfect mask generator would find on frame t, in the order of the shapes; shapes in `missed` are not found. */
export function detectShapes(shapes: readonly Shape[], t: number, missed: readonly Shape[] = []): DetectionLine {
  const masks = shapes
    .filter((shape) => !missed.includes(shape))
    .map((shape) => visibleMask(shapes, shape, t))
    .filter((rle) => rleArea(rle) > 0)
    .map((rle) => ({
      rle: { size: [HEIGHT, WIDTH] as [number, number], counts: rleToCocoString(rle) },
      predictedIou: 0.95,
      stabilityScore: 0.98,
      point: [0, 0] as [number, number],
    }));
  return { position: t, hash: `h${t}`, masks };
}
