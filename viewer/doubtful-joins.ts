import { BY_HAND, type StitchReport } from '../contracts/stitch-report';
import { positionOf, type FrameRange } from './frame-positions';

/** One side of a join: the object (null when its piece got no ID) and the position on which to look at it. */
export interface JoinSide {
  readonly id: number | null;
  readonly position: number;
}

/** A decision of stitching that a person should look at. */
export interface DoubtfulJoin {
  /** In frames that two chunks share, or of an object that ended with one that begins later. */
  readonly kind: 'overlap' | 'gap';
  readonly decision: StitchReport['joins'][number]['decision'] | StitchReport['reidentifications'][number]['decision'];
  readonly reason: string;
  readonly left: JoinSide;
  readonly right: JoinSide;
  /** Evidence to show, name and value; ratios 0..1, pixels, frames. */
  readonly evidence: readonly (readonly [name: string, value: number])[];
}

export interface DoubtfulJoins {
  /** In order of time, by the side after. */
  readonly list: readonly DoubtfulJoin[];
  /** How many there are; more than the list holds when it had to be cut. */
  readonly total: number;
}

/** Most doubts that a page lists. */
export const MAX_DOUBTS = 1000;

type Join = StitchReport['joins'][number];
type Reidentification = StitchReport['reidentifications'][number];
interface Weighed {
  readonly doubt: DoubtfulJoin;
  /** The higher, the more it deserves a look. */
  readonly weight: number;
}

/**
 * The joins to look at: ambiguous and refused ones; joined ones that came near the threshold or for another reason than the same
 * pixels; rejected ones that came near it where neither side was joined with anything else; and all re-identifications that
 * were made, suggested or ambiguous. Not those that the user has settled with `vamg edit`. The most doubtful MAX_DOUBTS, in order of time.
 */
export function doubtfulJoins(report: StitchReport, range: FrameRange): DoubtfulJoins {
  const weighed = [...doubtfulOverlaps(report, range), ...doubtfulGaps(report, range)];
  const kept = weighed.length <= MAX_DOUBTS ? weighed : [...weighed].sort((a, b) => b.weight - a.weight).slice(0, MAX_DOUBTS);
  return { list: inOrderOfTime(kept.map(({ doubt }) => doubt)), total: weighed.length };
}

/** By the side after, whose time the page tells, then by the side before; equal ones stay as they are. */
export function inOrderOfTime(list: readonly DoubtfulJoin[]): DoubtfulJoin[] {
  return [...list].sort((a, b) => a.right.position - b.right.position || a.left.position - b.left.position);
}

function doubtfulOverlaps(report: StitchReport, range: FrameRange): Weighed[] {
  const { stitchIouThresh, stitchMargin } = report.options;
  const joinedLeft = new Set<string>();
  const joinedRight = new Set<string>();
  for (const join of report.joins) {
    if (join.decision !== 'joined') continue;
    joinedLeft.add(`${join.boundary}/${join.left}`);
    joinedRight.add(`${join.boundary}/${join.right}`);
  }
  const isFree = (join: Join): boolean => !joinedLeft.has(`${join.boundary}/${join.left}`) && !joinedRight.has(`${join.boundary}/${join.right}`);
  const weightOf = (join: Join): number | null => {
    if (join.reason === BY_HAND) return null;
    const { jointIou } = join.evidence;
    if (join.decision === 'ambiguous') return 4;
    if (join.decision === 'refused-cannot-link') return 3;
    const isNear = Math.abs(jointIou - stitchIouThresh) < stitchMargin;
    if (join.decision === 'joined') return jointIou < stitchIouThresh + stitchMargin || join.reason !== 'same pixels' ? 2 - jointIou : null;
    // Two ends with an ID each that were left apart.
    return isNear && isFree(join) && join.leftGlobalId !== null && join.rightGlobalId !== null ? 1 + jointIou : null;
  };
  const borders = new Map(report.chunks.map((chunk) => [chunk.index - 1, positionOf(chunk.ownedFirstFrame, range)]));
  return report.joins.flatMap((join) => {
    const weight = weightOf(join);
    if (weight === null) return [];
    const at = join.cutFrame === null ? (borders.get(join.boundary) ?? 0) : positionOf(join.cutFrame, range);
    const { jointIou, commonFrames, leftInRight, rightInLeft, centroidDistance, areaRatio, appearance, score } = join.evidence;
    const evidence = present([
      ['overlap (IoU)', jointIou],
      ['frames with both', commonFrames],
      ['left inside right', leftInRight],
      ['right inside left', rightInLeft],
      ['distance in pixels', centroidDistance],
      ['size ratio', areaRatio],
      ['looks', appearance],
      ['score', score],
    ]);
    const doubt: DoubtfulJoin = {
      kind: 'overlap',
      decision: join.decision,
      reason: join.reason,
      left: { id: join.leftGlobalId, position: Math.max(0, at - 1) },
      right: { id: join.rightGlobalId, position: at },
      evidence,
    };
    return [{ doubt, weight }];
  });
}

const GAP_WEIGHTS: Partial<Record<Reidentification['decision'], number>> = { ambiguous: 3.5, 'refused-cannot-link': 3, suggested: 2.5, joined: 1.5 };

function doubtfulGaps(report: StitchReport, range: FrameRange): Weighed[] {
  return report.reidentifications.flatMap((pair) => {
    const weight = GAP_WEIGHTS[pair.decision];
    if (weight === undefined || pair.reason === BY_HAND) return [];
    const { gapFrames, appearance, areaRatio, distance, reach, score } = pair.evidence;
    const doubt: DoubtfulJoin = {
      kind: 'gap',
      decision: pair.decision,
      reason: pair.reason,
      left: { id: pair.beforeGlobalId, position: positionOf(pair.lastFrame, range) },
      right: { id: pair.afterGlobalId, position: positionOf(pair.firstFrame, range) },
      evidence: present([
        ['frames between', gapFrames],
        ['looks', appearance],
        ['size ratio', areaRatio],
        ['distance in pixels', distance],
        ['reach in pixels', reach],
        ['score', score],
      ]),
    };
    return [{ doubt, weight: weight + score / 10 }];
  });
}

function present(list: readonly (readonly [string, number | null])[]): [string, number][] {
  return list.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, number]]));
}
