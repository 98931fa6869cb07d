import { createHash } from 'node:crypto';
import { DEMO_FILM, DemoScene } from '../../../core/demo/draw-frame';

const areas = (truth: Uint8Array): number[] => {
  const sums = new Array<number>(DEMO_FILM.objects + 1).fill(0);
  for (const label of truth) sums[label]!++;
  return sums;
};

describe('the film of the demo', () => {
  const scene = new DemoScene();

  it('has the same pixels in every run', () => {
    const hash = (s: DemoScene) => createHash('sha256').update(s.draw(40).image.data).digest('hex');
    expect(hash(new DemoScene())).toBe(hash(scene));
  });

  it('starts without the thing that arrives late and ends with all of them', () => {
    expect(areas(scene.draw(0).truth)[5]).toBe(0);
    expect(areas(scene.draw(71).truth).every((area) => area > 500)).toBe(true);
  });

  it('hides one thing behind the pillar altogether for a few frames and shows it again', () => {
    const star = [38, 46, 64].map((frame) => areas(scene.draw(frame).truth)[3]!);
    expect(Math.min(...star)).toBe(0);
    expect(star[0]).toBeGreaterThan(300);
    expect(star[2]).toBeGreaterThan(300);
  });

  it('lets the ball pass in front of the box', () => {
    const least = Math.min(...[44, 46].map((frame) => areas(scene.draw(frame).truth)[2]!));
    expect(least).toBeLessThan(areas(scene.draw(20).truth)[2]! * 0.75);
  });

  it('has no frame outside its length', () => {
    expect(() => scene.draw(DEMO_FILM.frames)).toThrow(RangeError);
  });
});
