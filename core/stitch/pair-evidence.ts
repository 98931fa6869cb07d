import { rleCentroid } from '../mask/rle';
import { describeRle, rleIntersectionAreaWithin, type RleExtent } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import type { OverlapSide, PairEvidence, Tracklet } from './types';

/** Weights of the score; appearance is left out, and the rest scaled up, where a vector is missing. */
const WEIGHTS = { iou: 0.6, appearance: 0.2, geometry: 0.2 } as const;

/** One side of the window, prepared for comparison. */
export interface PreparedSide {
  /** Tracklets with a visible mask in the window, by ascending localId. */
  readonly tracklets: readonly Tracklet[];
  /** visible[t][f]: mask of tracklet t on frame f of the window, with its measures. */
  readonly visible: readonly (readonly (VisibleMask | undefined)[])[];
  readonly appearance: ReadonlyMap<number, Float32Array>;
}

interface VisibleMask extends RleExtent {
  readonly rle: Rle;
  readonly x: number;
  readonly y: number;
}

/** Measures every mask of the window once. Throws RangeError when a mask belongs to no listed tracklet. */
export function prepareSide(side: OverlapSide): PreparedSide {
  const known = new Set(side.tracklets.map((t) => t.localId));
  const seen = new Set<number>();
  for (const { frame, masks } of side.frames)
    for (const localId of masks.keys()) {
      if (!known.has(localId))
        throw new RangeError(`chunk ${side.chunkIndex} has a mask of unknown tracklet ${localId} on frame ${frame}`);
      seen.add(localId);
    }
  const tracklets = side.tracklets.filter((t) => seen.has(t.localId)).sort((a, b) => a.localId - b.localId);
  const visible = tracklets.map(({ localId }) =>
    side.frames.map(({ masks }): VisibleMask | undefined => {
      const rle = masks.get(localId)?.rle;
      const centroid = rle && rleCentroid(rle);
      return rle && centroid ? { rle, ...describeRle(rle), ...centroid } : undefined;
    }),
  );
  return { tracklets, visible, appearance: side.appearance ?? new Map() };
}

/** Evidence for tracklet `l` of the left and `r` of the right side (indices), or undefined when their masks never meet. */
function gatherEvidence(
  left: PreparedSide,
  right: PreparedSide,
  l: number,
  r: number,
  frames: readonly number[],
): PairEvidence | undefined {
  const a = left.visible[l]!;
  const b = right.visible[r]!;
  const start = Math.max(left.tracklets[l]!.firstFrame, right.tracklets[r]!.firstFrame);
  const end = Math.min(left.tracklets[l]!.lastFrame, right.tracklets[r]!.lastFrame);
  let intersection = 0;
  let wholeArea = 0;
  let jointA = 0;
  let jointB = 0;
  let jointFrames = 0;
  let commonFrames = 0;
  let agreeingFrames = 0;
  let distance = 0;
  const frameIous: (number | null)[] = [];
  for (let f = 0; f < frames.length; f++) {
    const p = a[f];
    const q = b[f];
    const joint = frames[f]! >= start && frames[f]! <= end;
    wholeArea += (p?.area ?? 0) + (q?.area ?? 0);
    if (joint) {
      jointFrames++;
      jointA += p?.area ?? 0;
      jointB += q?.area ?? 0;
    }
    if (!p || !q) {
      frameIous.push(null);
      continue;
    }
    const shared = rleIntersectionAreaWithin(p.rle, q.rle, p, q);
    const iou = shared / (p.area + q.area - shared);
    intersection += shared;
    commonFrames++;
    if (iou >= 0.5) agreeingFrames++;
    distance += Math.hypot(p.x - q.x, p.y - q.y);
    frameIous.push(iou);
  }
  if (intersection === 0) return undefined;
  const jointIou = intersection / (jointA + jointB - intersection);
  const centroidDistance = distance / commonFrames;
  const areaRatio = Math.min(jointA, jointB) / Math.max(jointA, jointB);
  const appearance = cosineOf(
    left.appearance.get(left.tracklets[l]!.localId),
    right.appearance.get(right.tracklets[r]!.localId),
  );
  const size = Math.sqrt(Math.max(jointA, jointB) / jointFrames);
  const geometry = areaRatio * Math.max(0, 1 - centroidDistance / size);
  return {
    volumeIou: intersection / (wholeArea - intersection),
    jointIou,
    jointFrames,
    commonFrames,
    agreeingFrames,
    frameIous,
    leftInRight: intersection / jointA,
    rightInLeft: intersection / jointB,
    centroidDistance,
    areaRatio,
    appearance,
    score: weightedScore(jointIou, appearance, geometry),
  };
}

function weightedScore(iou: number, appearance: number | null, geometry: number): number {
  const base = WEIGHTS.iou * iou + WEIGHTS.geometry * geometry;
  if (appearance === null) return base / (WEIGHTS.iou + WEIGHTS.geometry);
  return base + WEIGHTS.appearance * Math.max(0, appearance);
}

/** Cosine of two unit vectors, -1..1; null when one is missing or they do not fit. */
export function cosineOf(a: Float32Array | undefined, b: Float32Array | undefined): number | null {
  if (!a || !b || a.length === 0 || a.length !== b.length) return null;
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return Math.max(-1, Math.min(1, dot));
}

/** All compared pairs: evidence[l * columns + r], undefined where the masks never meet. */
export interface EvidenceTable {
  readonly rows: number;
  readonly columns: number;
  readonly evidence: readonly (PairEvidence | undefined)[];
}

/** Evidence for every pair of the two sides. */
export function gatherAll(left: PreparedSide, right: PreparedSide, frames: readonly number[]): EvidenceTable {
  const evidence: (PairEvidence | undefined)[] = [];
  for (let l = 0; l < left.tracklets.length; l++)
    for (let r = 0; r < right.tracklets.length; r++) evidence.push(gatherEvidence(left, right, l, r, frames));
  return { rows: left.tracklets.length, columns: right.tracklets.length, evidence };
}

/** How two tracklets of one side lie to each other over the window. */
export interface SiblingOverlap {
  readonly iou: number;
  readonly firstInSecond: number;
  readonly secondInFirst: number;
  /** Smaller over larger total area on the frames where both are visible; 0 when there is none. */
  readonly areaRatio: number;
}

/** Overlap of tracklets `i` and `j` (indices) of one side on the frames where both are visible. */
export function siblingOverlap(side: PreparedSide, i: number, j: number): SiblingOverlap {
  let shared = 0;
  let areaI = 0;
  let areaJ = 0;
  side.visible[i]!.forEach((p, f) => {
    const q = side.visible[j]![f];
    if (!p || !q) return;
    shared += rleIntersectionAreaWithin(p.rle, q.rle, p, q);
    areaI += p.area;
    areaJ += q.area;
  });
  if (areaI === 0) return { iou: 0, firstInSecond: 0, secondInFirst: 0, areaRatio: 0 };
  return {
    iou: shared / (areaI + areaJ - shared),
    firstInSecond: shared / areaI,
    secondInFirst: shared / areaJ,
    areaRatio: Math.min(areaI, areaJ) / Math.max(areaI, areaJ),
  };
}
