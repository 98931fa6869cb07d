import type { Plan } from '../../contracts/artefacts';
import type { PlanningOptions } from '../../contracts/segment-options';
import type { StitchReport } from '../../contracts/stitch-report';
import { chainsOf } from '../planning/chains';
import type { GapEvidence } from '../stitch/gap-evidence';
import type { StitchedIdentities } from '../stitch/resolve-with-reidentification';
import type { PairEvidence } from '../stitch/types';

/** The contents of stitch-report.json: positions become frames of the source, ratios get four decimals. */
export function stitchReport(plan: Plan, options: PlanningOptions, identities: StitchedIdentities): StitchReport {
  const frameAt = (position: number): number => plan.firstFrame + position * plan.frameStep;
  const chains = chainsOf(plan.chunks);
  const { joins, lineage, reidentifications, dropped } = identities;
  const { stitchIouThresh, stitchLowIouThresh, stitchMargin, reidentify, reidentifyThresh, reidentifyGap } = options;
  return {
    schemaVersion: 2,
    options: { stitchIouThresh, stitchLowIouThresh, stitchMargin, reidentify, reidentifyThresh, reidentifyGap },
    counts: countDecisions({ joins, lineage, reidentifications, dropped }),
    chunks: chains.map(({ index, startFrame, endFrame, ownedStart, ownedEnd }) => ({
      index,
      firstFrame: frameAt(startFrame),
      lastFrame: frameAt(endFrame - 1),
      ownedFirstFrame: frameAt(ownedStart),
      ownedLastFrame: frameAt(ownedEnd - 1),
    })),
    borders: chains.slice(1).map(({ index, startFrame, ownedStart }) => ({
      boundary: index - 1,
      atSceneCut: plan.sceneCuts.includes(ownedStart),
      frames: Array.from({ length: ownedStart - startFrame }, (_, i) => frameAt(startFrame + i)),
    })),
    objects: identities.objects.map(({ globalId, tracklets }) => ({ id: globalId, tracklets: tracklets.map(({ chunkIndex, localId }) => ({ chunkIndex, localId })) })),
    joins: joins.map(({ evidence, cutFrame, ...join }) => ({ ...join, cutFrame: cutFrame === null ? null : frameAt(cutFrame), evidence: roundOverlap(evidence) })),
    lineage: lineage.map((edge) => ({ ...edge })),
    reidentifications: reidentifications.map(({ lastFrame, firstFrame, evidence, ...pair }) => ({ ...pair, lastFrame: frameAt(lastFrame), firstFrame: frameAt(firstFrame), evidence: roundGap(evidence) })),
    dropped: dropped.map((one) => ({ ...one })),
  };
}

/** How often each thing was decided, over the lists of a report. */
export function countDecisions({ joins, lineage, reidentifications, dropped }: Decisions): StitchReport['counts'] {
  return {
    joined: count(joins, 'joined'),
    ambiguous: count(joins, 'ambiguous'),
    rejected: count(joins, 'rejected'),
    refused: count(joins, 'refused-cannot-link') + count(reidentifications, 'refused-cannot-link'),
    splits: lineage.filter(({ kind }) => kind === 'split_from').length,
    merges: lineage.filter(({ kind }) => kind === 'merged_into').length,
    reidentified: count(reidentifications, 'joined'),
    suggested: count(reidentifications, 'suggested'),
    dropped: dropped.length,
  };
}

interface Decisions {
  readonly joins: readonly Pick<StitchReport['joins'][number], 'decision'>[];
  readonly lineage: readonly Pick<StitchReport['lineage'][number], 'kind'>[];
  readonly reidentifications: readonly Pick<StitchReport['reidentifications'][number], 'decision'>[];
  readonly dropped: readonly unknown[];
}

function count<T extends { readonly decision: string }>(list: readonly T[], decision: T['decision']): number {
  return list.filter((one) => one.decision === decision).length;
}

function roundOverlap(evidence: PairEvidence): StitchReport['joins'][number]['evidence'] {
  const { volumeIou, jointIou, jointFrames, commonFrames, agreeingFrames, frameIous, leftInRight, rightInLeft, centroidDistance, areaRatio, appearance, score } = evidence;
  return {
    volumeIou: round(volumeIou),
    jointIou: round(jointIou),
    jointFrames,
    commonFrames,
    agreeingFrames,
    frameIous: frameIous.map(roundOrNull),
    leftInRight: round(leftInRight),
    rightInLeft: round(rightInLeft),
    centroidDistance: round(centroidDistance),
    areaRatio: round(areaRatio),
    appearance: roundOrNull(appearance),
    score: round(score),
  };
}

function roundGap({ gapFrames, acrossCut, appearance, areaRatio, distance, reach, score }: GapEvidence): StitchReport['reidentifications'][number]['evidence'] {
  return { gapFrames, acrossCut, appearance: round(appearance), areaRatio: round(areaRatio), distance: roundOrNull(distance), reach: roundOrNull(reach), score: round(score) };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

function roundOrNull(value: number | null): number | null {
  return value === null ? null : round(value);
}
