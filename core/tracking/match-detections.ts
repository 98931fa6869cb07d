import { rleArea } from '../mask/rle';
import { rleIouMatrix } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { assignWithGate } from '../matching/linear-assignment';
import type { DetectionCandidate } from './detection-candidates';
import type { TrackerName } from './types';

/** A track and the detection that supports it; indices into the given lists. */
export interface DetectionMatch {
  readonly track: number;
  readonly detection: number;
  readonly iou: number;
}

export interface DetectionMatches {
  readonly matches: readonly DetectionMatch[];
  /** Detections that overlap no track enough to be it. */
  readonly unexplained: readonly number[];
}

/**
 * One-to-one, best total IoU, only pairs above `minIou`. A mask that holds or lies in another differs from it in size and so
 * has a low IoU: parts and wholes do not take each other's detections. A detection that overlaps a track enough but lost it to
 * another detection is that track seen twice, and is not unexplained.
 */
export function matchDetections(tracks: readonly Rle[], detections: readonly DetectionCandidate[], minIou: number): DetectionMatches {
  const columns = detections.length;
  const ious = rleIouMatrix(tracks, detections.map(({ rle }) => rle));
  const pairs = assignWithGate(ious.map((iou) => 1 - iou), tracks.length, columns, Math.max(1e-9, 1 - minIou));
  const matches = pairs.filter(({ row, col }) => ious[row * columns + col]! > 0).map(({ row, col }) => ({ track: row, detection: col, iou: ious[row * columns + col]! }));
  const unexplained: number[] = [];
  for (let d = 0; d < columns; d++) {
    let best = 0;
    for (let t = 0; t < tracks.length; t++) best = Math.max(best, ious[t * columns + d]!);
    if (!matches.some(({ detection }) => detection === d) && (best === 0 || best < minIou)) unexplained.push(d);
  }
  return { matches, unexplained };
}

/**
 * Whether the detection replaces the propagated mask. The iou tracker has nothing but detections. Otherwise only a detection
 * that agrees well and is not worse refreshes: one of another granularity would make the object change its extent.
 */
export function shouldRefresh(tracker: TrackerName, propagated: Rle, propagatedScore: number, detection: DetectionCandidate, iou: number): boolean {
  if (tracker === 'iou') return true;
  const ratio = detection.area / Math.max(1, rleArea(propagated));
  return iou >= 0.75 && ratio > 0.75 && ratio < 1.33 && detection.quality >= propagatedScore - 0.1;
}
