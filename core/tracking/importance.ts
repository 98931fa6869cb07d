import { rleArea, rleCentroid } from '../mask/rle';
import type { Rle } from '../mask/types';
import { rankOf } from './detection-candidates';
import type { Track } from './track';

/** A confirmed object gives its place up only to a detection that ranks this much higher. */
const CONFIRMED_BONUS = 0.15;
/** Quality of a mask of an object in full sight. */
const SURE_SCORE = 0.9;
/** For every doubling of the detection frames that support it, and at most. */
const SUPPORT_BONUS = { perDoubling: 0.05, most: 0.2 } as const;
/** What moves by itself is what people look for. */
const MOVING_BONUS = 0.3;
/** Motion against the others over the pending frames, in the object's own widths, from which it moves by itself. */
const MOVING = 0.25;
/** Share of its motion that an object is still credited with after a detection frame. */
const KEPT_MOTION = 0.8;

/** From where to where an object's centre went over the pending frames; null where it was not seen at both ends. */
export type Path = readonly [dx: number, dy: number] | null;

export function pathOf(from: Rle | undefined, to: Rle | undefined): Path {
  const a = from && rleCentroid(from);
  const b = to && rleCentroid(to);
  return a && b ? [b.x - a.x, b.y - a.y] : null;
}

/** The motion that most objects share, that of the camera: medians. Of fewer than three nobody knows which of them moves: null. */
export function sharedMotion(paths: readonly Path[]): Path {
  const known = paths.filter((path) => path !== null);
  if (known.length < 3) return null;
  return [median(known.map(([dx]) => dx)), median(known.map(([, dy]) => dy))];
}

/** How far an object went against the others, in widths of a square of its area. */
export function ownMotion(path: Path, shared: Path, area: number): number {
  return path && shared ? Math.hypot(path[0] - shared[0], path[1] - shared[1]) / Math.sqrt(Math.max(1, area)) : 0;
}

/** Its motion after one more look: a thing that stands still for a moment counts as moving for some time. */
export function motionAfter(before: number, now: number): number {
  return Math.max(KEPT_MOTION * before, now);
}

/** An object's area when nothing hides it: the mean of what was written, or the latest mask's. */
export function usualArea({ written, lastMask }: Track): number {
  return written.frames > 0 ? written.areaSum / written.frames : rleArea(lastMask);
}

/**
 * What a followed object counts when there are too many; one that is nearly hidden counts as when it is not: the little that is left of it
 * is an unsure mask, which says nothing of a confirmed object.
 */
export function importanceOf(track: Track): number {
  const quality = track.confirmed ? Math.max(track.score, SURE_SCORE) : track.score;
  const support = Math.min(SUPPORT_BONUS.most, SUPPORT_BONUS.perDoubling * Math.log2(Math.max(1, track.support)));
  return importance(quality, usualArea(track), track.motion) + (track.confirmed ? CONFIRMED_BONUS : 0) + support;
}

/** What a new one counts. */
export function importance(quality: number, area: number, motion: number): number {
  return rankOf(quality, area) + (motion >= MOVING ? MOVING_BONUS : 0);
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1]!;
}
