import { encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { importance, importanceOf, motionAfter, ownMotion, pathOf, sharedMotion, usualArea } from '../../../core/tracking/importance';
import { countWritten, createTrack, type Track } from '../../../core/tracking/track';

/** A square with this top left corner in a picture of 100 x 60. */
function square(x: number, y: number, side: number): Rle {
  const data = new Uint8Array(100 * 60);
  for (let row = y; row < y + side; row++) data.fill(1, row * 100 + x, row * 100 + x + side);
  return encodeRle({ width: 100, height: 60, data });
}

function track(mask: Rle, changes: Partial<Track> = {}): Track {
  return { ...createTrack(1, 0, mask, 0.9), ...changes };
}

describe('motion', () => {
  it('is measured against what most objects do, in the object’s own widths', () => {
    const panned = [0, 1, 2].map((i) => pathOf(square(10 * i, 20, 8), square(10 * i + 5, 20, 8)));
    const walked = pathOf(square(50, 40, 10), square(50, 35, 10));
    const shared = sharedMotion([...panned, walked, null]);
    expect(shared).toEqual([5, 0]);
    expect(panned.map((path) => ownMotion(path, shared, 64))).toEqual([0, 0, 0]);
    expect(ownMotion(walked, shared, 100)).toBeCloseTo(Math.hypot(5, 5) / 10, 6);
  });

  it('is nothing where an object was not seen at both ends, or there is none', () => {
    expect(pathOf(undefined, square(0, 0, 4))).toBeNull();
    expect(pathOf(square(0, 0, 4), encodeRle({ width: 100, height: 60, data: new Uint8Array(6000) }))).toBeNull();
    expect(ownMotion(null, [3, 3], 10)).toBe(0);
    expect(sharedMotion([null, [1, 1], [2, 2]])).toBeNull();
    expect(ownMotion([3, 3], null, 10)).toBe(0);
  });

  it('is remembered for a while', () => {
    let motion = motionAfter(0, 0.5);
    expect(motion).toBe(0.5);
    for (let i = 0; i < 3; i++) motion = motionAfter(motion, 0);
    expect(motion).toBeGreaterThan(0.25);
    expect(motionAfter(motion, 0)).toBeLessThan(0.25);
  });
});

describe('what an object counts', () => {
  it('does not fall while the object is nearly hidden', () => {
    const whole = track(square(0, 0, 20), { support: 4, confirmed: true });
    countWritten(whole.written, 0, 400);
    countWritten(whole.written, 1, 400);
    const hidden = { ...whole, lastMask: square(0, 0, 2), score: 0.4 };
    expect(usualArea(hidden)).toBe(400);
    expect(importanceOf(hidden)).toBe(importanceOf(whole));
    expect(usualArea(track(square(0, 0, 6)))).toBe(36);
  });

  it('grows with quality, area, motion, confirmation and support', () => {
    expect(importance(0.9, 100, 0)).toBeGreaterThan(importance(0.8, 100, 0));
    expect(importance(0.9, 400, 0)).toBeCloseTo(importance(0.9, 100, 0) + 0.1, 6);
    expect(importance(0.9, 100, 0.3)).toBeGreaterThan(importance(0.9, 400, 0.1));
    const young = track(square(0, 0, 10));
    expect(importanceOf({ ...young, confirmed: true })).toBeGreaterThan(importanceOf(young));
    expect(importanceOf({ ...young, support: 8 })).toBeCloseTo(importanceOf(young) + 0.15, 6);
    expect(importanceOf({ ...young, support: 1000 })).toBeCloseTo(importanceOf(young) + 0.2, 6);
  });
});
