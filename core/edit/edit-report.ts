import { BY_HAND, type StitchReport } from '../../contracts/stitch-report';
import { countDecisions } from '../pipeline/stitch-report';
import type { IdAt } from './edit-line';
import type { FrameIntervals } from './frame-intervals';

type Join = StitchReport['joins'][number];
type Return = StitchReport['reidentifications'][number];

/**
 * stitch-report.json with the IDs as edits leave them. The evidence stays; where an edit changed what stitching had decided (two that
 * it left apart are one object now, or the reverse), the decision says so, and its reason is BY_HAND. What was found out about deleted
 * objects stays without their ID, or goes where there has to be one.
 * @param intervals those within which `idAt` answers the same on every frame
 */
export function editReport(report: StitchReport, idAt: IdAt, intervals: FrameIntervals): StitchReport {
  const now = (id: number | null, frame: number): number | null => (id === null ? null : idAt(id, frame) || null);
  const ownedFirst = new Map(report.chunks.map(({ index, ownedFirstFrame }) => [index, ownedFirstFrame]));
  const borderOf = (boundary: number): number => ownedFirst.get(boundary + 1) ?? 0;
  const joins = report.joins.map((join): Join => {
    const border = join.cutFrame ?? borderOf(join.boundary);
    const leftGlobalId = now(join.leftGlobalId, Math.max(0, border - 1));
    const rightGlobalId = now(join.rightGlobalId, border);
    return { ...join, leftGlobalId, rightGlobalId, ...settled(join.decision, join.leftGlobalId === join.rightGlobalId, leftGlobalId, rightGlobalId) };
  });
  const reidentifications = report.reidentifications.flatMap((pair): Return[] => {
    const [before, after] = [now(pair.beforeGlobalId, pair.lastFrame), now(pair.afterGlobalId, pair.firstFrame)];
    return before === null || after === null ? [] : [{ ...pair, beforeGlobalId: before, afterGlobalId: after, ...settled(pair.decision, pair.beforeGlobalId === pair.afterGlobalId, before, after) }];
  });
  const lineage = report.lineage
    .map((edge) => {
      const frame = edge.kind === 'split_from' ? borderOf(edge.boundary) : Math.max(0, borderOf(edge.boundary) - 1);
      return { ...edge, pieceGlobalId: now(edge.pieceGlobalId, frame), wholeGlobalId: now(edge.wholeGlobalId, frame) };
    })
    .filter(({ pieceGlobalId, wholeGlobalId }) => pieceGlobalId === null || pieceGlobalId !== wholeGlobalId);
  return { ...report, counts: countDecisions({ joins, lineage, reidentifications, dropped: report.dropped }), objects: editObjects(report, idAt, intervals), joins, lineage, reidentifications };
}

/** What an edit made of a decision about two sides; nothing when it still says what is. */
function settled(decision: string, wasSame: boolean, left: number | null, right: number | null): { decision?: 'joined' | 'rejected'; reason?: string } {
  if (left === null || right === null || (left === right) === wasSame) return {};
  if (decision !== 'joined' && left === right) return { decision: 'joined', reason: BY_HAND };
  return decision === 'joined' && left !== right ? { decision: 'rejected', reason: BY_HAND } : {};
}

/** Which tracklets an object is made of; a tracklet that was split belongs to each of its pieces. */
function editObjects(report: StitchReport, idAt: IdAt, intervals: FrameIntervals): StitchReport['objects'] {
  const chunks = new Map(report.chunks.map((chunk) => [chunk.index, chunk]));
  const objects = new Map<number, StitchReport['objects'][number]['tracklets']>();
  for (const { id, tracklets } of report.objects) {
    for (const tracklet of tracklets) {
      const chunk = chunks.get(tracklet.chunkIndex);
      const frames = chunk === undefined ? [] : intervals.startsWithin(chunk.ownedFirstFrame, chunk.ownedLastFrame);
      for (const now of new Set(frames.map((frame) => idAt(id, frame)))) {
        if (now === 0) continue;
        const list = objects.get(now);
        if (list === undefined) objects.set(now, [tracklet]);
        else list.push(tracklet);
      }
    }
  }
  const byPlace = (a: { chunkIndex: number; localId: number }, b: { chunkIndex: number; localId: number }): number => a.chunkIndex - b.chunkIndex || a.localId - b.localId;
  return [...objects].sort(([a], [b]) => a - b).map(([id, tracklets]) => ({ id, tracklets: tracklets.sort(byPlace) }));
}
