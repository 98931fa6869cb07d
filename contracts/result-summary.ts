import { z } from 'zod';
import { objectRefSchema } from './object-ref';

const frame = z.int().min(0);

/** One object of a result; frames are decode indices in the source. */
const resultObjectSchema = z.object({
  id: z.int().min(1),
  /** The user's name for it, when there is one. */
  label: z.string().optional(),
  firstFrame: frame,
  lastFrame: frame,
  /** Processed frames on which it has a mask. */
  frames: z.int().min(1),
  /** Pixels, and 0..1. */
  meanArea: z.number().min(0),
  meanScore: z.number(),
});

/** What programs may rely on in a result.json; fields that are not named here pass through unread. */
export const resultSummarySchema = z.object({
  schemaVersion: z.literal(1),
  video: z.object({
    /** sha256 of the video's bytes. */
    id: z.string(),
    name: z.string(),
    width: z.int().min(1),
    height: z.int().min(1),
    durationSeconds: z.number().min(0),
    frameRate: z.object({ num: z.int().min(1), den: z.int().min(1) }),
  }),
  counts: z.object({ objects: z.int().min(0), processedFrames: z.int().min(0), masks: z.int().min(0) }).partial().required({ objects: true }),
  /** Which frames were processed: firstFrame, firstFrame + frameStep, … */
  range: z.object({ firstFrame: frame, frameStep: z.int().min(1) }),
  sceneCuts: z.array(frame).default([]),
  objects: z.array(resultObjectSchema),
  /** Where the chunks meet; `sharedFrom` is the first frame that both sides of a seam computed. Null in results of older versions. */
  stitch: z.object({ seams: z.array(z.object({ frame, sharedFrom: frame })) }).nullable().catch(null).default(null),
  /** Where the job is stored. */
  job: objectRefSchema.optional(),
});
export type ResultSummary = z.output<typeof resultSummarySchema>;
export type ResultObjectSummary = ResultSummary['objects'][number];
