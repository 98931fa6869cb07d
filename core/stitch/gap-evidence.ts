import { areaFactorAfter, reachAfter } from '../matching/gap-limits';
import { cosineOf } from './pair-evidence';

/** An object on one frame: centroid, longer side of its box, and area, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly extent: number;
  readonly area: number;
}

/** One end of an object's life: where it was on that frame, what it looked like around then, and how large it usually was. */
export interface LifeEnd {
  /** How the report calls it. */
  readonly name: string;
  readonly frame: number;
  readonly place: Place;
  /** Unit-length appearance vector. */
  readonly appearance: Float32Array;
  /** Mean area of the tracklet at this end, in pixels. */
  readonly meanArea: number;
}

/** What speaks for and against an object that ended being one that begins later. */
export interface GapEvidence {
  /** Frames between the two on which neither is visible. */
  readonly gapFrames: number;
  /** A scene starts in between, so that places cannot be compared. */
  readonly acrossCut: boolean;
  /** Cosine of the appearance vectors, -1..1. */
  readonly appearance: number;
  /** Smaller over larger area, 0..1: of the masks at the gap, or of the usual sizes, whichever is nearer to 1. */
  readonly areaRatio: number;
  /** Distance of the centroids at the gap, and how far an object may get in that time, in pixels; null across a cut. */
  readonly distance: number | null;
  readonly reach: number | null;
  /** Weighted sum, 0..1. */
  readonly score: number;
}

/** Weights of the score; place is left out, and the rest scaled up, across a cut. */
const WEIGHTS = { appearance: 0.7, area: 0.15, place: 0.15 } as const;
/** Two things in one film have about this cosine when they have nothing in common: it counts as 0, 1 as 1. */
const UNRELATED_COSINE = 0.6;
/**
 * Evidence for one object having ended at `before` and come back at `after`, or null when it cannot be: nothing to compare,
 * an area that changed more than it may in that time, or (in one scene) a place out of reach. The gates widen with the gap.
 *
 * @param span longer side of the picture, in pixels
 */
export function gatherGapEvidence(before: LifeEnd, after: LifeEnd, acrossCut: boolean, span: number): GapEvidence | null {
  const gapFrames = after.frame - before.frame - 1;
  const areaRatio = Math.max(ratioOf(before.place.area, after.place.area), ratioOf(before.meanArea, after.meanArea));
  if (areaRatio * areaFactorAfter(acrossCut ? null : gapFrames) < 1) return null;
  const distance = Math.hypot(after.place.x - before.place.x, after.place.y - before.place.y);
  const reach = reachAfter(gapFrames, Math.max(before.place.extent, after.place.extent), span);
  if (!acrossCut && distance > reach) return null;
  // Last, because it is the dearest to compute.
  const appearance = cosineOf(before.appearance, after.appearance);
  if (appearance === null) return null;
  const look = Math.max(0, (appearance - UNRELATED_COSINE) / (1 - UNRELATED_COSINE));
  const base = WEIGHTS.appearance * look + WEIGHTS.area * areaRatio;
  if (acrossCut) return { gapFrames, acrossCut, appearance, areaRatio, distance: null, reach: null, score: base / (WEIGHTS.appearance + WEIGHTS.area) };
  return { gapFrames, acrossCut, appearance, areaRatio, distance, reach, score: base + WEIGHTS.place * (1 - distance / reach) };
}

function ratioOf(a: number, b: number): number {
  return Math.max(a, b) === 0 ? 0 : Math.min(a, b) / Math.max(a, b);
}
