import { stitchReportSchema } from '../../../contracts/stitch-report';
import { resolveSegmentOptions } from '../../../contracts/segment-options';
import type { Plan } from '../../../contracts/artefacts';
import { stitchReport } from '../../../core/pipeline/stitch-report';
import { resolveWithReidentification } from '../../../core/stitch/resolve-with-reidentification';
import { matchBorders, requestFor, trackletsOf, trackPerfectly, type Thing } from '../core/support/tracklet-world';
import { moving } from '../core/support/world';

/** Frames 10, 13, … of the source: 40 positions in three chunks, the second and third meeting at a scene cut. */
const plan: Plan = {
  schemaVersion: 1,
  positions: 40,
  firstFrame: 10,
  frameStep: 3,
  overlapFrames: 4,
  sceneCuts: [30],
  chunks: [
    { index: 0, startFrame: 0, endFrame: 16, ownedStart: 0, ownedEnd: 16, continuesPrevious: false },
    { index: 1, startFrame: 12, endFrame: 30, ownedStart: 16, ownedEnd: 30, continuesPrevious: false },
    { index: 2, startFrame: 30, endFrame: 40, ownedStart: 30, ownedEnd: 40, continuesPrevious: false },
  ],
};
const thing = (lane: number): Thing => ({ actor: moving([4, 12 * lane, 10 + lane, 9]), look: Float32Array.from([0, 1, 2], (i) => (i === lane ? 1 : 0)) });

function reportOf(reidentify: boolean) {
  const chunks = plan.chunks.map((spec) => trackPerfectly(spec, [thing(0), thing(1)], plan.sceneCuts, [0]));
  const identities = resolveWithReidentification(chunks.map(trackletsOf), matchBorders(chunks), requestFor(chunks, plan.sceneCuts, reidentify));
  return stitchReport(plan, resolveSegmentOptions({ planning: { reidentify } }).planning, identities);
}

describe('stitch-report.json', () => {
  it('fits its schema and comes back from JSON as it was', () => {
    for (const reidentify of [false, true]) {
      const report = reportOf(reidentify);
      expect(stitchReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    }
  });

  it('counts frames as the source does', () => {
    const { chunks, borders, joins, reidentifications } = reportOf(false);
    expect(chunks[1]).toEqual({ index: 1, firstFrame: 46, lastFrame: 97, ownedFirstFrame: 58, ownedLastFrame: 97 });
    expect(borders).toEqual([{ boundary: 0, atSceneCut: false, frames: [46, 49, 52, 55] }, { boundary: 1, atSceneCut: true, frames: [] }]);
    expect(joins.map(({ cutFrame, decision }) => [cutFrame, decision])).toEqual([[52, 'joined'], [52, 'joined']]);
    expect(joins[0]!.evidence.frameIous).toHaveLength(borders[0]!.frames.length);
    expect(reidentifications[0]).toMatchObject({ lastFrame: 97, firstFrame: 100, evidence: { gapFrames: 0, acrossCut: true } });
  });

  it('without re-identification suggests what would be joined; with it says what was', () => {
    const [off, on] = [reportOf(false), reportOf(true)];
    expect(off.counts).toMatchObject({ joined: 2, suggested: 2, reidentified: 0 });
    expect(off.reidentifications.map(({ decision, reason, beforeGlobalId, afterGlobalId }) => [decision, reason, beforeGlobalId, afterGlobalId])).toEqual([
      ['suggested', 'alike, after a scene cut; re-identification is off', 1, 3],
      ['suggested', 'alike, after a scene cut; re-identification is off', 2, 4],
    ]);
    expect(on.counts).toMatchObject({ joined: 2, suggested: 0, reidentified: 2 });
    expect(on.reidentifications.map(({ decision, beforeGlobalId, afterGlobalId }) => [decision, beforeGlobalId, afterGlobalId])).toEqual([['joined', 1, 1], ['joined', 2, 2]]);
    // The larger of two that begin together comes first.
    const madeOf = (localId: number) => [0, 1, 2].map((chunkIndex) => ({ chunkIndex, localId }));
    expect(on.objects).toEqual([{ id: 1, tracklets: madeOf(2) }, { id: 2, tracklets: madeOf(1) }]);
  });
});
