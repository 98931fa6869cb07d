import { z } from 'zod';
import { cocoRleSchema } from './artefacts';

/** Limits on a file of prompts, which comes from outside. */
export const PROMPT_LIMITS = { fileBytes: 16 << 20, objects: 1000, promptsPerObject: 1000, pointsPerPrompt: 100, highestId: 1_000_000 } as const;

const coordinate = z.number().min(-1e6).max(1e6);
const point = z.tuple([coordinate, coordinate]);
const box = z.tuple([coordinate, coordinate, coordinate, coordinate]);
const pointLabel = z.union([z.literal(0), z.literal(1)], { error: 'must be 1 (on the object) or 0 (not on it)' });
/** A user's name of an object. */
export const objectLabel = z.string().min(1).max(100).regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line of text');

const promptSchema = z
  .strictObject({
    frame: z.int().min(0).optional().describe('Decode index of the frame in the source, from 0, as `frame` in masks.jsonl.'),
    time: z.number().min(0).optional().describe('Seconds from the first frame, as `time` in masks.jsonl; the nearest processed frame is meant.'),
    points: z.array(point).min(1).max(PROMPT_LIMITS.pointsPerPrompt).optional().describe('[x, y] in pixels of the upright picture at full size.'),
    labels: z.array(pointLabel).max(PROMPT_LIMITS.pointsPerPrompt).optional().describe('One for each point: 1 on the object, 0 not on it. All 1 when left out.'),
    box: box.optional().describe('[x0, y0, x1, y1] in pixels: left, top, right, bottom.'),
    mask: cocoRleSchema.optional().describe('COCO run-length encoding with compressed counts, of the size of the picture.'),
  })
  .superRefine(({ frame, time, points, labels, box: corners, mask }, context) => {
    const refuse = (message: string, ...path: string[]): void => context.addIssue({ code: 'custom', message, path });
    if ((frame === undefined) === (time === undefined)) refuse('give one of frame and time');
    if (points === undefined && corners === undefined && mask === undefined) refuse('give points, a box or a mask');
    if (labels !== undefined && labels.length !== (points?.length ?? 0)) refuse(`needs one label for each of the ${points?.length ?? 0} points, got ${labels.length}`, 'labels');
    if (corners !== undefined && !(corners[0] < corners[2] && corners[1] < corners[3])) refuse('must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1', 'box');
  });

const promptedObjectSchema = z.strictObject({
  id: z.int().min(1).max(PROMPT_LIMITS.highestId).describe('The ID that the object has in the result.'),
  label: objectLabel.optional().describe('Your name for it; repeated in result.json.'),
  prompts: z.array(promptSchema).min(1).max(PROMPT_LIMITS.promptsPerObject),
});

/**
 * The file of `--prompts`: which objects to follow, and where they are on which frames. Names of the fields are SAM's. Points
 * and a box on one frame are one prompt; several prompts of one object on one frame count together.
 */
export const promptsFileSchema = z
  .strictObject({
    schemaVersion: z.literal(1).optional(),
    objects: z.array(promptedObjectSchema).min(1).max(PROMPT_LIMITS.objects),
  })
  .superRefine(({ objects }, context) => {
    const seen = new Set<number>();
    objects.forEach(({ id }, i) => {
      if (seen.has(id)) context.addIssue({ code: 'custom', message: `is there twice: ${id}; put all prompts of an object into one entry`, path: ['objects', i, 'id'] });
      seen.add(id);
    });
  });
export type PromptsFile = z.output<typeof promptsFileSchema>;

/** Everything that is said of one object on one processed frame. */
export const givenPromptSchema = z.strictObject({
  position: z.int().min(0),
  /** The user's ID. */
  objectId: z.int().min(1),
  /** x, y in picture pixels; one label (1 or 0) each. */
  points: z.array(point),
  labels: z.array(pointLabel),
  /** x0, y0, x1, y1 in picture pixels. */
  box: box.nullable(),
  mask: cocoRleSchema.nullable(),
});
export type GivenPrompt = z.output<typeof givenPromptSchema>;
