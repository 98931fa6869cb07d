import { z } from 'zod';
import { ARCHIVE_STATES, type SegmentArchiveInput } from './archive-messages';
import { objectRefSchema } from './object-ref';
import { segmentOptionsSchema } from './segment-options';

/** `file:///folder` or `s3://bucket/prefix`, without a slash at its end. */
export const archiveAddressSchema = z.string().regex(/^(file:\/\/\/|s3:\/\/)[^\p{Cc}]{1,2000}$/u);

/**
 * An archive: which videos, how they are segmented, where the results go. Stored as an artefact, because the addresses name host
 * paths and buckets; workflows pass its ObjectRef.
 */
export const archiveSpecSchema = z.strictObject({
  schemaVersion: z.literal(1),
  source: archiveAddressSchema,
  dest: archiveAddressSchema,
  options: segmentOptionsSchema,
  /** Bundle name and sha256 over its manifest. */
  model: z.strictObject({ name: z.string(), sha256: z.string() }),
});
export type ArchiveSpec = z.output<typeof archiveSpecSchema>;

/** Path below the source, parts joined by slashes; core/planning/archive-names.ts says which names are taken. */
const name = z.string().min(1).max(2000);

/** One file of the source. `version` changes when its bytes may have changed: size and time of change, or the ETag. */
export const archiveFileSchema = z.strictObject({ name, bytes: z.int().min(0), version: z.string().max(200) });
export type ArchiveFile = z.output<typeof archiveFileSchema>;

/** What a listing found that has to be looked at, and where the next listing starts. */
export const archivePageSchema = z.strictObject({
  schemaVersion: z.literal(1),
  todo: z.array(archiveFileSchema),
  /** Last name that was seen; null after the last one. */
  next: name.nullable(),
});
export type ArchivePage = z.output<typeof archivePageSchema>;

/** What is remembered of one name of an archive, from one run to the next. */
export const archiveRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name,
  bytes: z.int().min(0),
  version: z.string(),
  /** sha256 of the bytes; null when they could not be read. */
  videoId: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
  /** Seconds of it that are processed; null when it could not be read. */
  seconds: z.number().min(0).nullable(),
  /** seen: its content is known, nothing was tried. */
  state: z.enum(['seen', 'done', 'failed', 'quarantined']),
  /** Failures in a row that may be the video's. */
  failures: z.int().min(0),
  failure: z.string().nullable(),
  reason: z.string().nullable(),
  jobId: z.string().nullable(),
  codeVersion: z.string(),
  /** The run that wrote this. */
  run: z.string(),
});
export type ArchiveRecord = z.output<typeof archiveRecordSchema>;

/** One line of a report. */
export const archiveEntrySchema = z.strictObject({
  name: z.string(),
  state: z.enum(ARCHIVE_STATES),
  failure: z.string().nullable(),
  reason: z.string().nullable(),
  jobId: z.string().nullable(),
  seconds: z.number().nullable(),
  bytes: z.int().nullable(),
  objects: z.int().nullable(),
});
export type ArchiveEntry = z.output<typeof archiveEntrySchema>;

const count = z.int().min(0);

/** What a run did. Videos that were skipped because they are done are counted, all others are listed. */
export const archiveReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Name of the run; also the name of the report's file. */
  run: z.string(),
  /** Nominal time of a scheduled run; null for one that a person started. */
  night: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string(),
  /** end: the whole archive was gone through. */
  endedBy: z.enum(['end', 'budget', 'cancelled', 'failure']),
  /** Why it ended, when by failure. */
  failure: z.strictObject({ failure: z.string(), reason: z.string() }).nullable(),
  counts: z.strictObject({ done: count, skipped: count, failed: count, quarantined: count, stillQuarantined: count, busy: count, left: count, passedOver: count }),
  spent: z.strictObject({ videos: count, seconds: z.number().min(0), bytes: count }),
  videos: z.array(archiveEntrySchema),
});
export type ArchiveReport = z.output<typeof archiveReportSchema>;

const limit = z.number().positive().nullable();

/** A SegmentArchiveInput that was written down, without what continue-as-new adds. */
export const archiveInputSchema: z.ZodType<SegmentArchiveInput> = z.strictObject({
  schemaVersion: z.literal(1),
  archive: objectRefSchema,
  archiveKey: z.string(),
  parallel: z.int().min(1),
  budget: z.strictObject({ videos: limit, seconds: limit, bytes: limit }),
  policy: z.strictObject({ quarantineAfter: z.int().min(1), retryQuarantined: z.boolean(), redoOutdated: z.boolean() }),
  video: z.strictObject({ parallel: z.int().min(1), overlay: z.boolean(), viewer: z.boolean(), model: z.string(), heartbeatTimeout: z.string().optional() }),
  queuePrefix: z.string(),
  searchAttributes: z.boolean(),
  priorityKey: z.int().min(1).max(5),
});
