import { fractalNoise } from './noise';

/** The wall and floor behind everything, wider than the film so that the camera can pan. Interleaved RGB. */
export interface Background {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A pale plastered wall above a floor of planks. */
export function drawBackground(width: number, height: number): Background {
  const data = new Uint8Array(width * height * 3);
  const floor = Math.round(height * 0.8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = (y * width + x) * 3;
      const [r, g, b] = y < floor ? wall(x, y, floor) : planks(x, y, floor);
      data[p] = r;
      data[p + 1] = g;
      data[p + 2] = b;
    }
  }
  return { width, height, data };
}

function wall(x: number, y: number, floor: number): [number, number, number] {
  const stain = fractalNoise(x / 70, y / 70, 3);
  const grain = fractalNoise(x / 4, y / 4, 5);
  const light = 158 + 34 * stain + 13 * grain - 26 * (y / floor);
  return [light, light * 0.97, light * 0.9];
}

function planks(x: number, y: number, floor: number): [number, number, number] {
  const row = Math.floor((y - floor) / 18);
  const isGap = (y - floor) % 18 === 0;
  const grain = fractalNoise(x / 40, y * 0.9, 9 + row);
  const light = (isGap ? 0.55 : 0.85) + 0.28 * grain;
  return [112 * light, 84 * light, 60 * light];
}
