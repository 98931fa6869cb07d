import { z } from 'zod';
import { firstIssue } from './first-issue';
import { objectRefSchema } from './object-ref';
import { objectLabel, PROMPT_LIMITS } from './prompts';

/** Limits on a file of edits, which comes from outside. */
export const EDIT_LIMITS = { fileBytes: 4 << 20, edits: 1000, ids: 1000 } as const;

/** An ID that is in the result. */
const knownId = z.int('must be the ID of an object, a whole number from 1').min(1, 'must be the ID of an object, a whole number from 1').max(2 ** 31 - 1);
/** A number that the user gives to an object. */
const givenId = z.int('must be a whole number from 1').min(1, 'must be a whole number from 1').max(PROMPT_LIMITS.highestId);
const frame = z.int().min(0);
const idList = (least: number) => z.array(knownId).min(least, least === 1 ? 'needs an ID' : 'needs two IDs or more').max(EDIT_LIMITS.ids);

const mergeSchema = z.strictObject({ edit: z.literal('merge'), ids: idList(2), into: givenId.or(knownId).optional().describe('The ID that stays; the first of `ids` when left out.') });
const deleteSchema = z.strictObject({ edit: z.literal('delete'), ids: idList(1) });
const renameSchema = z.strictObject({ edit: z.literal('rename'), id: knownId, to: givenId });
const labelSchema = z.strictObject({ edit: z.literal('label'), id: knownId, label: objectLabel.or(z.literal('')).describe('Empty removes it.') });

/** Where to split: a frame as in masks.jsonl (12), seconds ("3.5s"), or a time of day of the film ("1:02.5", "1:00:02"). */
const momentSchema = frame.or(z.string().regex(/^(\d+|\d+(\.\d+)?s|(\d+:)?\d+:[0-5]?\d(\.\d+)?)$/, 'must be a frame (40), seconds (3.5s) or a time (1:02.5)'));
export type Moment = z.output<typeof momentSchema>;

/** An edit as the user gives it. */
export const wantedEditSchema = z.discriminatedUnion('edit', [mergeSchema, z.strictObject({ edit: z.literal('split'), id: knownId, at: momentSchema }), deleteSchema, renameSchema, labelSchema]);
export type WantedEdit = z.output<typeof wantedEditSchema>;

/** The file of `vamg edit --file`: done in this order, all or none. */
export const editsFileSchema = z.strictObject({ schemaVersion: z.literal(1).optional(), edits: z.array(wantedEditSchema).min(1).max(EDIT_LIMITS.edits) });

const undoSchema = z.strictObject({ undo: z.literal(true) });

/** What the update `correct` takes: edits, done in this order, all or none; or that the last edit is taken back. */
export type CorrectionRequest = z.output<typeof editsFileSchema> | z.output<typeof undoSchema>;

/** @throws RangeError with a sentence that says what is wrong and where */
export function parseCorrection(value: unknown): CorrectionRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('A correction is {"edits": […]} or {"undo": true}.');
  const parsed = 'undo' in value ? undoSchema.safeParse(value) : editsFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RangeError(`The correction cannot be used${firstIssue(parsed.error)}`);
}

/** An edit with everything that doing it again needs: the same edits make the same result from the same original. */
export const editSchema = z.discriminatedUnion('edit', [
  mergeSchema.extend({ into: knownId }),
  z.strictObject({ edit: z.literal('split'), id: knownId, frame, newId: knownId }),
  deleteSchema,
  renameSchema,
  labelSchema,
]);
export type Edit = z.output<typeof editSchema>;
export type MergeEdit = Extract<Edit, { edit: 'merge' }>;

/** One line of edits.jsonl: what was done to a result, in order, nothing ever removed. */
export const trailLineSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** From 1, without gaps. */
  number: z.int().min(1),
  /** ISO 8601, UTC. */
  time: z.iso.datetime(),
  /** Version of video-amg. */
  version: z.string(),
  /** `undo` takes back edit `number`; `overlay` only draws overlay.mp4 again. */
  edit: z.discriminatedUnion('edit', [...editSchema.options, z.strictObject({ edit: z.literal('undo'), number: z.int().min(1) }), z.strictObject({ edit: z.literal('overlay') })]),
  changed: z.strictObject({
    /** Masks of the original that this edit gave another ID, or none. */
    masks: z.int().min(0),
    /** For a merge: frames on which more than one of the objects was, whose masks were united. */
    unitedFrames: z.int().min(0).optional(),
  }),
  /** Objects after it. */
  objects: z.int().min(0),
  /** overlay.mp4 after it: drawn again, left as it was, or there is none. */
  overlay: z.enum(['drawn', 'kept', 'none']),
});
export type TrailLine = z.output<typeof trailLineSchema>;

/** What one correction did to the stored result of a job; written once, under the number of its first line of the trail, and never removed. */
export const correctionRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Of the update that asked for it, and sha256 of what it asked: a repetition of both is the same correction. */
  id: z.string().min(1),
  request: z.string().regex(/^[0-9a-f]{64}$/),
  /** What it adds to the trail. */
  lines: z.array(trailLineSchema).min(1),
  objectsBefore: z.int().min(0),
  /** The result manifest with it. */
  manifest: objectRefSchema,
});
export type CorrectionRecord = z.output<typeof correctionRecordSchema>;
