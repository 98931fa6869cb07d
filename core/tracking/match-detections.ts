import { rleArea } from '../mask/rle';
import { rleIouMatrix } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { assignWithGate } from '../matching/linear-assignment';
import type { DetectionCandidate } from './detection-candidates';
import type { TrackerName } from './types';

/** Large masks that share more than this have the same extent; below it, one shows more of the object than the other. */
const SAME_EXTENT_IOU = 0.8;
/** Cells of the mask grid by which borders of masks of one extent may lie apart, on all sides together. */
const LOOSE_CELLS = 3;

/** A track and the detection that supports it; indices into the given lists. */
export interface DetectionMatch {
  readonly track: number;
  readonly detection: number;
  readonly iou: number;
}

export interface DetectionMatches {
  readonly matches: readonly DetectionMatch[];
  /** Detections that are no track seen again, ascending. */
  readonly unexplained: readonly number[];
}

/**
 * One-to-one, best total IoU, only pairs above `minIou` (`explainedIou`: one per track). A mask that holds or lies in another differs from it in size and so
 * has a low IoU: parts and wholes do not take each other's detections. A detection that overlaps any track by its `explainedIou` is that
 * track seen again, perhaps twice. One that supports a track but overlaps none that much is unexplained all the same: it shows more of
 * the object, or less, and may be the better mask of the two.
 */
export function matchDetections(tracks: readonly Rle[], detections: readonly DetectionCandidate[], minIou: number, explainedIou: readonly number[]): DetectionMatches {
  const columns = detections.length;
  const ious = rleIouMatrix(tracks, detections.map(({ rle }) => rle));
  const pairs = assignWithGate(ious.map((iou) => 1 - iou), tracks.length, columns, Math.max(1e-9, 1 - minIou));
  const matches = pairs.filter(({ row, col }) => ious[row * columns + col]! > 0).map(({ row, col }) => ({ track: row, detection: col, iou: ious[row * columns + col]! }));
  const unexplained: number[] = [];
  for (let d = 0; d < columns; d++) {
    if (!explainedIou.some((least, t) => ious[t * columns + d]! > 0 && ious[t * columns + d]! >= least)) unexplained.push(d);
  }
  return { matches, unexplained };
}

/** The IoU from which on two masks of this area have the same extent: the less the smaller they are. `cell` is a mask cell's width in pixels. */
export function sameExtentIou(area: number, cell: number): number {
  return Math.min(SAME_EXTENT_IOU, 1 - (LOOSE_CELLS * cell) / Math.sqrt(Math.max(1, area)));
}

/** Whether a tracker's own mask of an object that it still sees is better than a detection (ADR 9). */
export function keepsItsMasks(tracker: TrackerName): boolean {
  return tracker === 'memory';
}

/**
 * Whether the detection replaces the propagated mask. The iou tracker has nothing but detections, the memory tracker needs none.
 * Otherwise only a detection that agrees well and is not worse refreshes: one of another granularity would make the object change its extent.
 */
export function shouldRefresh(tracker: TrackerName, propagated: Rle, propagatedScore: number, detection: DetectionCandidate, iou: number): boolean {
  if (tracker === 'iou') return true;
  if (keepsItsMasks(tracker)) return false;
  const ratio = detection.area / Math.max(1, rleArea(propagated));
  return iou >= 0.75 && ratio > 0.75 && ratio < 1.33 && detection.quality >= propagatedScore - 0.1;
}
