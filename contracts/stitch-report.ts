import { z } from 'zod';

/** Numbers named `frame` are decode indices in the source, as in masks.jsonl. */
const frame = z.int().min(0);
const ratio = z.number().min(0).max(1);
const localId = z.int().min(1);
const globalId = z.int().min(1);
const trackletKeySchema = z.strictObject({ chunkIndex: z.int().min(0), localId });

/** What speaks for and against two tracklets of neighbouring chunks being one object. */
export const overlapEvidenceSchema = z.strictObject({
  volumeIou: ratio.describe('Sum of intersections over sum of unions, over all frames of the overlap window.'),
  jointIou: ratio.describe('The same over the frames within both lifetimes: what the thresholds are compared with.'),
  jointFrames: z.int().min(0).describe('Frames within both lifetimes.'),
  commonFrames: z.int().min(0).describe('Frames with both masks visible.'),
  agreeingFrames: z.int().min(0).describe('Frames with an IoU of 0.5 or more.'),
  frameIous: z.array(ratio.nullable()).describe('IoU per frame of the window (`frames` of the border); null where not both are visible.'),
  leftInRight: ratio.describe("Share of the left one's pixels inside the right one, over the joint frames."),
  rightInLeft: ratio.describe('The reverse.'),
  centroidDistance: z.number().min(0).describe('Mean distance of the centroids, in pixels.'),
  areaRatio: ratio.describe('Smaller over larger total area on the joint frames.'),
  appearance: z.number().min(-1).max(1).nullable().describe('Cosine of the appearance vectors; null when one is missing.'),
  score: z.number().describe('Weighted sum used for the assignment.'),
});

/** What speaks for and against an object that ended being one that begins later. */
export const gapEvidenceSchema = z.strictObject({
  gapFrames: z.int().min(0).describe('Processed frames in between.'),
  acrossCut: z.boolean().describe('A scene starts in between: places are not compared.'),
  appearance: z.number().min(-1).max(1).describe('Cosine of the appearance vectors.'),
  areaRatio: ratio.describe('Smaller over larger area: of the masks at the gap, or of the usual sizes, whichever is nearer to 1.'),
  distance: z.number().min(0).nullable().describe('Distance of the centroids at the gap, in pixels; null across a cut.'),
  reach: z.number().min(0).nullable().describe('How far an object may get in that time, in pixels; null across a cut.'),
  score: ratio.describe('Weighted sum, compared with reidentifyThresh.'),
});

/** The reason of a decision that the user changed with `vamg edit`. */
export const BY_HAND = 'corrected by hand';

/** stitch-report.json: every decision of stitching with its evidence. docs/stitching.md explains it. */
export const stitchReportSchema = z.strictObject({
  schemaVersion: z.literal(2),
  options: z.strictObject({
    stitchIouThresh: ratio,
    stitchLowIouThresh: ratio,
    stitchMargin: ratio,
    reidentify: z.boolean(),
    reidentifyThresh: ratio,
    reidentifyGap: z.int().min(0),
  }),
  counts: z.strictObject({
    joined: z.int(),
    ambiguous: z.int(),
    rejected: z.int(),
    refused: z.int(),
    splits: z.int(),
    merges: z.int(),
    reidentified: z.int(),
    suggested: z.int(),
    dropped: z.int(),
  }),
  /**
   * What is stitched: chunks that go on where the one before them stopped count as one with it (a chain). First and last frame that it
   * computed, and those it owns.
   */
  chunks: z.array(z.strictObject({ index: z.int().min(0), firstFrame: frame, lastFrame: frame, ownedFirstFrame: frame, ownedLastFrame: frame })),
  /** The frames that two neighbours share; none where they meet at a scene cut. `boundary` is the index of the left chunk. */
  borders: z.array(z.strictObject({ boundary: z.int().min(0), atSceneCut: z.boolean(), frames: z.array(frame) })),
  /** Which tracklets an object is made of. */
  objects: z.array(z.strictObject({ id: globalId, tracklets: z.array(trackletKeySchema) })),
  /** Pairs in the overlap windows; `left` and `right` are local IDs in chunk `boundary` and the next. IDs are null for dropped tracklets. */
  joins: z.array(
    z.strictObject({
      boundary: z.int().min(0),
      left: localId,
      right: localId,
      leftGlobalId: globalId.nullable(),
      rightGlobalId: globalId.nullable(),
      decision: z.enum(['joined', 'ambiguous', 'rejected', 'refused-cannot-link']),
      reason: z.string(),
      /** First frame on which the right chunk's mask is shown. */
      cutFrame: frame.nullable(),
      evidence: overlapEvidenceSchema,
    }),
  ),
  lineage: z.array(z.strictObject({ kind: z.enum(['split_from', 'merged_into']), boundary: z.int().min(0), pieceGlobalId: globalId.nullable(), wholeGlobalId: globalId.nullable() })),
  /** Objects that ended and objects that begin later. */
  reidentifications: z.array(
    z.strictObject({
      before: trackletKeySchema,
      after: trackletKeySchema,
      beforeGlobalId: globalId,
      afterGlobalId: globalId,
      lastFrame: frame,
      firstFrame: frame,
      decision: z.enum(['joined', 'suggested', 'ambiguous', 'rejected', 'refused-cannot-link']),
      reason: z.string(),
      evidence: gapEvidenceSchema,
    }),
  ),
  /** Tracklets that got no ID. */
  dropped: z.array(z.strictObject({ ...trackletKeySchema.shape, reason: z.enum(['lead-in-only', 'unconfirmed']) })),
});
export type StitchReport = z.output<typeof stitchReportSchema>;
