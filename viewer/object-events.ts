import type { StitchReport } from '../contracts/stitch-report';
import { positionOf, type FrameRange } from './frame-positions';

/** What stitching did to one object, for its lane. */
export interface ObjectEvents {
  /** Flat list: position from which the next chunk's mask is shown, and percent of overlap (IoU) of the two. */
  readonly borders: readonly number[];
  /** Flat list of pairs: last position before it was lost, first one after it was recognised. */
  readonly returns: readonly number[];
  /** Objects that split from this one or were merged into it, or that it came from. */
  readonly kin: readonly (readonly [relation: 'split from' | 'merged into' | 'has the piece', id: number])[];
}

interface Collected {
  borders: number[];
  returns: number[];
  kin: [relation: 'split from' | 'merged into' | 'has the piece', id: number][];
}

/** Stitched borders, re-identifications and lineage by global ID, in order of time. */
export function objectEvents(report: StitchReport, range: FrameRange): ReadonlyMap<number, ObjectEvents> {
  const events = new Map<number, Collected>();
  const of = (id: number): Collected => {
    const known = events.get(id) ?? { borders: [], returns: [], kin: [] };
    events.set(id, known);
    return known;
  };
  const byTime = <T>(list: readonly T[], frameOf: (one: T) => number): T[] => [...list].sort((a, b) => frameOf(a) - frameOf(b));
  for (const join of byTime(report.joins, ({ cutFrame }) => cutFrame ?? 0)) {
    if (join.decision !== 'joined' || join.leftGlobalId === null || join.cutFrame === null) continue;
    of(join.leftGlobalId).borders.push(positionOf(join.cutFrame, range), Math.round(join.evidence.jointIou * 100));
  }
  for (const pair of byTime(report.reidentifications, ({ lastFrame }) => lastFrame)) {
    if (pair.decision === 'joined') of(pair.beforeGlobalId).returns.push(positionOf(pair.lastFrame, range), positionOf(pair.firstFrame, range));
  }
  for (const { kind, pieceGlobalId, wholeGlobalId } of report.lineage) {
    if (pieceGlobalId === null || wholeGlobalId === null) continue;
    of(pieceGlobalId).kin.push([kind === 'split_from' ? 'split from' : 'merged into', wholeGlobalId]);
    of(wholeGlobalId).kin.push(['has the piece', pieceGlobalId]);
  }
  return events;
}
