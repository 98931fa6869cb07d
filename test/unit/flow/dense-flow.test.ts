import { computeFlow } from '../../../core/flow/dense-flow';
import type { FlowField } from '../../../core/flow/flow-field';
import { paint } from './textures';

const W = 160;
const H = 96;

/** Mean distance between the flow and the truth, over pixels at least `margin` inside. */
function meanError(flow: FlowField, truth: (x: number, y: number) => readonly [number, number], margin = 12): number {
  let sum = 0;
  let n = 0;
  for (let y = margin; y < flow.height - margin; y++) {
    for (let x = margin; x < flow.width - margin; x++) {
      const [u, v] = truth(x, y);
      sum += Math.hypot(flow.u[y * flow.width + x]! - u, flow.v[y * flow.width + x]! - v);
      n++;
    }
  }
  return sum / n;
}

describe('computeFlow', () => {
  const still = paint(W, H, (x, y) => [x, y]);

  it.each([
    [0, 0],
    [1.5, -0.5],
    [-4, 3],
    [9, 6],
    [-17, 5],
  ])('finds a shift of (%d, %d) pixels', (dx, dy) => {
    const moved = paint(W, H, (x, y) => [x - dx, y - dy]);
    expect(meanError(computeFlow(still, moved), () => [dx, dy], 20)).toBeLessThan(0.25);
  });

  it.each([
    [200, 6],
    [5, 120],
  ])('finds a shift along a picture of %d x %d, thinner than a patch', (width, height) => {
    const along = (shift: number): typeof still => {
      const data = new Float32Array(width * height);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const [far, near] = width > height ? [x, y] : [y, x];
          data[y * width + x] = 128 + 60 * Math.sin((far - shift) / 3) + 40 * Math.sin((far - shift) / 1.7 + near);
        }
      }
      return { width, height, data };
    };
    const { u, v } = computeFlow(along(0), along(2));
    const motion = Array.from(width > height ? u : v).sort((a, b) => a - b);
    expect(motion[motion.length >> 1]).toBeCloseTo(2, 0);
  });

  it('finds a rotation of three degrees about the centre', () => {
    const a = (3 * Math.PI) / 180;
    const turn = (x: number, y: number, angle: number): [number, number] => {
      const [px, py] = [x - W / 2, y - H / 2];
      return [W / 2 + px * Math.cos(angle) - py * Math.sin(angle), H / 2 + px * Math.sin(angle) + py * Math.cos(angle)];
    };
    const moved = paint(W, H, (x, y) => turn(x, y, -a));
    const error = meanError(computeFlow(still, moved), (x, y) => {
      const [tx, ty] = turn(x, y, a);
      return [tx - x, ty - y];
    });
    expect(error).toBeLessThan(0.35);
  });

  it('finds a zoom of five percent', () => {
    const moved = paint(W, H, (x, y) => [W / 2 + (x - W / 2) / 1.05, H / 2 + (y - H / 2) / 1.05]);
    expect(meanError(computeFlow(still, moved), (x, y) => [(x - W / 2) * 0.05, (y - H / 2) * 0.05])).toBeLessThan(0.35);
  });

  it('gives a flat region the motion of the texture around it', () => {
    const hole = (x: number, y: number): boolean => x > 60 && x < 90 && y > 36 && y < 60;
    const cut = (dx: number): typeof still => {
      const image = paint(W, H, (x, y) => [x - dx, y]);
      for (let y = 0; y < H; y++) for (let x = 0; x < W; x++) if (hole(x - dx, y)) image.data[y * W + x] = 128;
      return image;
    };
    const flow = computeFlow(cut(0), cut(4));
    expect(flow.u[48 * W + 75]!).toBeCloseTo(4, 0);
  });

  it('says that a picture without any texture does not move', () => {
    const flat = { width: 64, height: 48, data: new Float32Array(64 * 48).fill(90) };
    const flow = computeFlow(flat, flat);
    expect(Math.max(...flow.u.map(Math.abs), ...flow.v.map(Math.abs))).toBe(0);
  });

  it('is not disturbed by a change of brightness', () => {
    const moved = paint(W, H, (x, y) => [x - 5, y - 2]);
    const bright = { ...moved, data: moved.data.map((value) => value + 25) };
    expect(meanError(computeFlow(still, bright), () => [5, 2], 20)).toBeLessThan(0.3);
  });

  it('works on pictures smaller than a patch and refuses pictures of different sizes', () => {
    const tiny = paint(5, 3, (x, y) => [x, y]);
    expect(computeFlow(tiny, tiny).u).toHaveLength(15);
    expect(() => computeFlow(still, tiny)).toThrow(RangeError);
  });

  it('gives the same bits each time', () => {
    const moved = paint(W, H, (x, y) => [x - 3, y + 1]);
    expect(computeFlow(still, moved)).toEqual(computeFlow(still, moved));
  });
});
