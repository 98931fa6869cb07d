import { z } from 'zod';
import { objectRefSchema } from './object-ref';
import { segmentOptionsSchema } from './segment-options';

/** Bumped when the same inputs would give other bytes; part of every artefact key. */
export const CODE_VERSION = '10';

/**
 * The job: everything that decides the result. Stored as an artefact; workflows pass its ObjectRef. Frame numbers named
 * `position` count processed frames (0..positions-1); `frame` is the decode index in the source: frame = firstFrame + position*frameStep.
 */
export const jobSpecSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** sha256 of the video's bytes. */
  videoId: z.string().regex(/^[0-9a-f]{64}$/),
  /** Base name for display only, cleaned of control characters. */
  videoName: z.string().max(255),
  options: segmentOptionsSchema,
  /** Bundle name and sha256 over its manifest, so that other weights give other keys. */
  model: z.strictObject({ name: z.string(), sha256: z.string() }),
  /** A first-frame label map as indexed PNG, when given. */
  firstFrameMask: objectRefSchema.nullable(),
  /** A promptsFileSchema value, when given. */
  prompts: objectRefSchema.nullable().default(null),
  codeVersion: z.string(),
});
export type JobSpec = z.output<typeof jobSpecSchema>;

const framePosition = z.int().min(0);

export const chunkSpecSchema = z.strictObject({
  index: z.int().min(0),
  /** Positions [startFrame, endFrame) are processed, [ownedStart, ownedEnd) are its share of the result. */
  startFrame: framePosition,
  endFrame: framePosition,
  ownedStart: framePosition,
  ownedEnd: framePosition,
  /** Goes on where the chunk before it stopped: it shares no frames with that, and has its objects and their localIds. */
  continuesPrevious: z.boolean(),
});

export const planSchema = z.strictObject({
  schemaVersion: z.literal(1),
  positions: z.int().min(1),
  firstFrame: z.int().min(0),
  frameStep: z.int().min(1),
  overlapFrames: z.int().min(0),
  /** Positions at which a new scene starts (never 0). */
  sceneCuts: z.array(framePosition),
  chunks: z.array(chunkSpecSchema).min(1),
});
export type Plan = z.output<typeof planSchema>;

/** COCO run-length encoding; size is [height, width]. */
export const cocoRleSchema = z.strictObject({ size: z.tuple([z.int().min(1), z.int().min(1)]), counts: z.string() });

/** One line of a detections artefact (gzip'd JSON lines), in order of position. */
export const detectionLineSchema = z.strictObject({
  position: framePosition,
  hash: z.string(),
  masks: z.array(
    z.strictObject({ rle: cocoRleSchema, predictedIou: z.number(), stabilityScore: z.number(), point: z.tuple([z.number(), z.number()]) }),
  ),
});
export type DetectionLine = z.output<typeof detectionLineSchema>;

/**
 * One line per processed position of a tracklets artefact, in order; then one last line `{ "tracklets": [...] }`. Where the next chunk
 * goes on, that list holds the sums so far of objects that are not over yet, and the next chunk's list has them again.
 */
export const trackLineSchema = z.strictObject({
  position: framePosition,
  /** sha256 (16 hex digits) of the decoded RGB pixels. */
  hash: z.string(),
  objects: z.array(z.strictObject({ localId: z.int().min(1), score: z.number(), rle: cocoRleSchema })),
});
export type TrackLine = z.output<typeof trackLineSchema>;

export const trackletSchema = z.strictObject({
  localId: z.int().min(1),
  /** First and last position with a visible mask, both inclusive. */
  firstPosition: framePosition,
  lastPosition: framePosition,
  frames: z.int().min(1),
  meanArea: z.number(),
  firstArea: z.number(),
  /** False for a track that was never confirmed: it is left out of results, but may be joined by a neighbour chunk. */
  confirmed: z.boolean(),
  /** The ID that the user gave it; absent for objects that were found. No two tracklets of a chunk have the same. */
  givenId: z.int().min(1).optional(),
  /** Unit-length appearance vector (mask-pooled encoder features), 4 decimals. */
  appearance: z.array(z.number()),
  /** localId of the smallest tracklet that contains this one for most of its life, or null. */
  parent: z.int().min(1).nullable(),
});
export type TrackletRecord = z.output<typeof trackletSchema>;

export const trackTrailerSchema = z.strictObject({ tracklets: z.array(trackletSchema) });
