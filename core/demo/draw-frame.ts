import type { RgbImage } from '../../contracts/segmenter';
import { ACTORS, PILLAR_DEPTH, shade } from './actors';
import { drawBackground, type Background } from './background';
import { fractalNoise } from './noise';

/** The film that `vamg demo` segments: two things cross, one passes behind a pillar, one arrives late. */
export const DEMO_FILM = { width: 480, height: 270, frames: 72, framesPerSecond: 24, objects: ACTORS.length } as const;

export interface DemoFrame {
  readonly image: RgbImage;
  /** One number per pixel: 0 none, else the object's. Exact, after occlusion. */
  readonly truth: Uint8Array;
}

const PAN_PER_FRAME = 0.5;
const PILLAR = { left: 292, right: 364 };

/** Draws the film frame by frame; every call for a frame gives the same pixels. */
export class DemoScene {
  private readonly background: Background = drawBackground(DEMO_FILM.width + Math.ceil(DEMO_FILM.frames * PAN_PER_FRAME) + 2, DEMO_FILM.height);

  /** @throws RangeError outside 0..frames-1 */
  draw(frame: number): DemoFrame {
    if (!Number.isInteger(frame) || frame < 0 || frame >= DEMO_FILM.frames) throw new RangeError(`the demo has frames 0..${DEMO_FILM.frames - 1}, not ${frame}`);
    const { width, height } = DEMO_FILM;
    const image = { width, height, data: new Uint8Array(width * height * 3) };
    const truth = new Uint8Array(width * height);
    this.copyBackground(image, frame * PAN_PER_FRAME);
    const order = ACTORS.map((actor, index) => ({ actor, index })).sort((a, b) => a.actor.depth - b.actor.depth);
    let isPillarDrawn = false;
    for (const { actor, index } of order) {
      if (!isPillarDrawn && actor.depth > PILLAR_DEPTH) {
        drawPillar(image, truth);
        isPillarDrawn = true;
      }
      drawActor(image, truth, index, frame);
    }
    if (!isPillarDrawn) drawPillar(image, truth);
    return { image, truth };
  }

  private copyBackground(image: RgbImage, pan: number): void {
    const { data, width: fullWidth } = this.background;
    const whole = Math.floor(pan);
    const part = pan - whole;
    for (let y = 0; y < image.height; y++) {
      const from = (y * fullWidth + whole) * 3;
      const to = y * image.width * 3;
      for (let i = 0; i < image.width * 3; i++) image.data[to + i] = data[from + i]! * (1 - part) + data[from + i + 3]! * part;
    }
  }
}

function drawActor(image: RgbImage, truth: Uint8Array, index: number, frame: number): void {
  const actor = ACTORS[index]!;
  const pose = actor.pose(frame);
  if (pose === null) return;
  const { width, height, data } = image;
  const cos = Math.cos(pose.angle);
  const sin = Math.sin(pose.angle);
  for (let y = Math.max(0, Math.floor(pose.y - actor.reach)); y < Math.min(height, pose.y + actor.reach); y++) {
    for (let x = Math.max(0, Math.floor(pose.x - actor.reach)); x < Math.min(width, pose.x + actor.reach); x++) {
      const dx = x + 0.5 - pose.x;
      const dy = y + 0.5 - pose.y;
      const u = dx * cos + dy * sin;
      const v = dy * cos - dx * sin;
      const distance = actor.outline(u, v);
      const share = distance >= 0.5 ? 0 : distance <= -0.5 ? 1 : 0.5 - distance;
      if (share === 0) continue;
      const p = y * width + x;
      const colour = shade(actor, index, u, v, distance);
      for (let c = 0; c < 3; c++) data[p * 3 + c] = Math.min(255, data[p * 3 + c]! * (1 - share) + colour[c]! * share);
      if (share >= 0.5) truth[p] = index + 1;
    }
  }
}

function drawPillar(image: RgbImage, truth: Uint8Array): void {
  const { width, height, data } = image;
  const half = (PILLAR.right - PILLAR.left) / 2;
  for (let y = 0; y < height; y++) {
    for (let x = PILLAR.left; x < PILLAR.right; x++) {
      const p = y * width + x;
      const round = 1 - 0.62 * ((x + 0.5 - PILLAR.left - half * 0.7) / half) ** 2 * 0.6;
      const stone = (62 + 34 * fractalNoise(x / 6, y / 9, 21)) * round;
      data[p * 3] = stone * 1.04;
      data[p * 3 + 1] = stone;
      data[p * 3 + 2] = stone * 0.94;
      truth[p] = 0;
    }
  }
}
