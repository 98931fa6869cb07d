import { fractalNoise } from './noise';
import { circle, ellipse, polygon, roundedBox, star, type Outline } from './shapes';

export interface Pose {
  readonly x: number;
  readonly y: number;
  /** Radians. */
  readonly angle: number;
}

/** One thing that moves through the film. Its number in the truth is its index plus one. */
export interface Actor {
  readonly name: string;
  readonly outline: Outline;
  /** Radius of a circle around it, in pixels. */
  readonly reach: number;
  /** Red, green, blue at a point of the thing, before light and shade. */
  readonly paint: (x: number, y: number) => readonly [number, number, number];
  /** Where it is; null before it arrives. */
  readonly pose: (frame: number) => Pose | null;
  /** Larger is nearer to the camera; the pillar stands at 5. */
  readonly depth: number;
}

/** Depth of the pillar that hides what passes behind it. */
export const PILLAR_DEPTH = 5;

export const ACTORS: readonly Actor[] = [
  {
    name: 'red ball with a white band',
    outline: circle(30),
    reach: 32,
    paint: (_, y) => (Math.abs(y) < 8 ? [236, 230, 220] : [204, 40, 34]),
    pose: (f) => ({ x: 40 + f * 3.9, y: 186 - 9 * Math.sin(f / 9), angle: f * 0.05 }),
    depth: 7,
  },
  {
    name: 'blue box',
    outline: roundedBox(31, 24, 6),
    reach: 42,
    paint: (x, y) => (Math.abs(x) < 4 || Math.abs(y) < 4 ? [30, 44, 110] : [52, 104, 214]),
    pose: (f) => ({ x: 372 - f * 3.5, y: 176 + 6 * Math.sin(f / 11), angle: -f * 0.012 }),
    depth: 6,
  },
  {
    name: 'yellow star',
    outline: star(5, 17, 28),
    reach: 31,
    paint: (x, y) => (Math.hypot(x, y) < 9 ? [150, 72, 16] : [244, 196, 40]),
    pose: (f) => ({ x: 130 + f * 4.3, y: 74 + 5 * Math.sin(f / 7), angle: f * 0.02 }),
    depth: 3,
  },
  {
    name: 'green leaf',
    outline: ellipse(38, 17),
    reach: 40,
    paint: (_, y) => (Math.abs(y) < 2 ? [196, 222, 150] : [30, 126, 62]),
    pose: (f) => ({ x: 76 + 22 * Math.sin(f / 15), y: 40 + f * 0.42, angle: 0.5 + 0.35 * Math.sin(f / 10) }),
    depth: 2,
  },
  {
    name: 'violet hexagon, arrives late',
    outline: polygon(6, 30, 5),
    reach: 34,
    paint: (x, y) => (Math.hypot(x, y) < 13 ? [238, 214, 246] : [132, 52, 168]),
    pose: (f) => (f < 28 ? null : { x: 518 - (f - 28) * 2.6, y: 116 + (f - 28) * 0.9, angle: f * 0.03 }),
    depth: 4,
  },
];

/** A little cloth or grain over the paint, and light from the upper left. */
export function shade(actor: Actor, index: number, x: number, y: number, distance: number): [number, number, number] {
  const grain = 0.86 + 0.28 * fractalNoise(x / 5 + 50, y / 5 + 50, 100 + index);
  const light = 1.02 - 0.34 * ((x + y * 1.3) / (actor.reach * 2.3));
  const rim = distance > -2.2 ? 0.62 : 1;
  const [r, g, b] = actor.paint(x, y);
  const factor = grain * light * rim;
  return [r * factor, g * factor, b * factor];
}
