import { encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import { findDuplicates } from '../../../core/tracking/duplicate-tracks';
import type { PendingFrame } from '../../../core/tracking/pending-frame';
import { countWritten, createTrack, type Track } from '../../../core/tracking/track';

/** A band of this width on the left of a picture of 100 x 20. */
function band(width: number): Rle {
  const data = new Uint8Array(2000);
  for (let row = 0; row < 20; row++) data.fill(1, row * 100, row * 100 + width);
  return encodeRle({ width: 100, height: 20, data });
}

const NOW = band(40);

/** A track with these areas behind it. */
function track(id: number, areas: readonly number[], changes: Partial<Track> = {}): Track {
  const made = { ...createTrack(id, 0, NOW, 0.9), confirmed: true, ...changes };
  areas.forEach((area, position) => countWritten(made.written, position, area));
  return made;
}

/** Pending frames on which every track has these masks. */
function pendingOf(masks: Readonly<Record<number, Rle>>, frames = 2): PendingFrame[] {
  return Array.from({ length: frames }, () => ({ frame: {} as PendingFrame['frame'], hash: '', masks: new Map(Object.entries(masks).map(([id, rle]) => [Number(id), { rle, score: 0.9 }])) }));
}

describe('tracks that have come to be one', () => {
  const long = Array.from({ length: 50 }, () => 800);

  it('leave the one that has been what both are now for longest', () => {
    const grew = track(1, long.map((area) => area * 2));
    const steady = track(2, long);
    expect(findDuplicates([grew, steady], pendingOf({ 1: NOW, 2: band(39) }))).toEqual([1]);
    // A short past of the right extent is less than a long one that is half right.
    expect(findDuplicates([grew, track(3, long.slice(0, 20))], pendingOf({ 1: NOW, 3: NOW }))).toEqual([3]);
  });

  it('leave given ones and confirmed ones first, and of equal ones the elder', () => {
    expect(findDuplicates([track(1, long), track(2, [], { givenId: 7 })], pendingOf({ 1: NOW, 2: NOW }))).toEqual([1]);
    expect(findDuplicates([track(1, long, { confirmed: false }), track(2, [800])], pendingOf({ 1: NOW, 2: NOW }))).toEqual([1]);
    expect(findDuplicates([track(1, [], { bornAt: 8 }), track(2, [])], pendingOf({ 1: NOW, 2: NOW }))).toEqual([1]);
    expect(findDuplicates([track(1, []), track(2, [])], pendingOf({ 1: NOW, 2: NOW }))).toEqual([2]);
    expect(findDuplicates([track(1, [], { givenId: 7 }), track(2, [], { givenId: 8 })], pendingOf({ 1: NOW, 2: NOW }))).toEqual([]);
  });

  it('are one in spite of a frame on which their borders differ', () => {
    const flicker = [...pendingOf({ 1: NOW, 2: NOW }), ...pendingOf({ 1: NOW, 2: band(32) }, 1), ...pendingOf({ 1: NOW, 2: NOW }, 1)];
    expect(findDuplicates([track(1, long), track(2, long)], flicker)).toEqual([2]);
    expect(findDuplicates([track(1, long), track(2, long)], pendingOf({ 1: NOW, 2: band(34) }))).toEqual([]);
  });

  it('are one when both are hidden on the last frames, of which the longer past counts', () => {
    const covered = [...pendingOf({ 1: NOW, 2: NOW }), ...pendingOf({}, 3)];
    expect(findDuplicates([track(1, long.slice(0, 9)), track(2, long)], covered)).toEqual([1]);
    expect(findDuplicates([track(1, long), track(2, long)], pendingOf({}))).toEqual([]);
  });

  it('are none when they have gone apart, or one alone is seen on the last frame or on many', () => {
    expect(findDuplicates([track(1, long), track(2, long)], [...pendingOf({ 1: NOW, 2: NOW }, 9), ...pendingOf({ 1: NOW, 2: band(29) }, 1)])).toEqual([]);
    expect(findDuplicates([track(1, long), track(2, long)], [...pendingOf({ 1: NOW, 2: NOW }, 20), ...pendingOf({ 1: NOW }, 1)])).toEqual([]);
    expect(findDuplicates([track(1, long), track(2, long)], [...pendingOf({ 1: NOW }, 2), ...pendingOf({ 1: NOW, 2: NOW }, 6)])).toEqual([]);
  });
});
