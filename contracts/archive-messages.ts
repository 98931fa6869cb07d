/** Names and types of what goes in and out of the archive workflow; types and constants only, as in messages.ts. */
import type { ActivityProfile } from './activity-profiles';
import type { ObjectRef } from './object-ref';

export const SEGMENT_ARCHIVE_WORKFLOW = 'segmentArchive';

/**
 * How a run left a video. done: result published; failed: tried again in the next run; quarantined: not tried again; busy: another
 * command is segmenting it; passed-over: not a video by its name.
 */
export const ARCHIVE_STATES = ['done', 'failed', 'quarantined', 'still-quarantined', 'busy', 'passed-over'] as const;
export type ArchiveState = (typeof ARCHIVE_STATES)[number];

/** Most work of one run; null for no limit. */
export interface ArchiveBudget {
  readonly videos: number | null;
  /** Seconds of video. */
  readonly seconds: number | null;
  /** Bytes of video files. */
  readonly bytes: number | null;
}

/** Work that a run has started. */
export interface ArchiveSpent {
  readonly videos: number;
  readonly seconds: number;
  readonly bytes: number;
}

export interface ArchiveCounts {
  readonly done: number;
  /** Done by an earlier run. */
  readonly skipped: number;
  readonly failed: number;
  /** In this run. */
  readonly quarantined: number;
  /** By an earlier run. */
  readonly stillQuarantined: number;
  readonly busy: number;
  /** Not begun because the budget was used up. */
  readonly left: number;
  readonly passedOver: number;
}

export const NO_COUNTS: ArchiveCounts = { done: 0, skipped: 0, failed: 0, quarantined: 0, stillQuarantined: 0, busy: 0, left: 0, passedOver: 0 };
export const NOTHING_SPENT: ArchiveSpent = { videos: 0, seconds: 0, bytes: 0 };

/** How known videos are treated. */
export interface ArchivePolicy {
  /** Failed runs in a row after which a video is quarantined. Unreadable videos are at once: the same bytes fail the same way. */
  readonly quarantineAfter: number;
  /** Try quarantined videos again. */
  readonly retryQuarantined: boolean;
  /** Process again what an older version of the code has done. */
  readonly redoOutdated: boolean;
}

export interface SegmentArchiveInput {
  readonly schemaVersion: 1;
  /** Reference to the ArchiveSpec. */
  readonly archive: ObjectRef;
  /** Hash of what decides the results; archives share the queues fairly by it where the server can. */
  readonly archiveKey: string;
  /** Videos at one time. */
  readonly parallel: number;
  readonly budget: ArchiveBudget;
  readonly policy: ArchivePolicy;
  /** What the workflow of each video is told (see SegmentVideoInput). */
  readonly video: { readonly parallel: number; readonly overlay: boolean; readonly viewer: boolean; readonly model: string; readonly heartbeatTimeout?: string };
  readonly queuePrefix?: string;
  readonly searchAttributes?: boolean;
  /** 1 (first) to 5 (last). */
  readonly priorityKey: number;
  /** Carried over continue-as-new. */
  readonly resumeFrom?: ArchiveCarry;
}

/** A page of the listing in the store. */
export interface PageCursor {
  readonly page: ObjectRef;
  readonly todo: number;
  readonly isLast: boolean;
}

/** State of a run that continues as new; nothing is in flight then. */
export interface ArchiveCarry {
  readonly run: string;
  readonly night: string | null;
  readonly startedAtMs: number;
  readonly paused: boolean;
  readonly counts: ArchiveCounts;
  readonly spent: ArchiveSpent;
  readonly failuresInRow: number;
  readonly isOverBudget: boolean;
  /** null before the first page. */
  readonly cursor: PageCursor | null;
  /** Index in the page of the next video. */
  readonly next: number;
}

export type ArchivePhase = 'working' | 'finishing' | 'reporting' | 'done';

/** Answer of the progress query. */
export interface ArchiveProgress {
  readonly kind: 'archive';
  readonly phase: ArchivePhase;
  readonly paused: boolean;
  readonly run: string;
  readonly night: string | null;
  readonly counts: ArchiveCounts;
  readonly spent: ArchiveSpent;
  /** Job IDs of the videos at work. */
  readonly atWork: readonly string[];
  readonly startedAtMs: number;
}

export interface SegmentArchiveResult {
  readonly schemaVersion: 1;
  readonly run: string;
  readonly night: string | null;
  readonly endedBy: 'end' | 'budget';
  /** Reference to the ArchiveReport. */
  readonly report: ObjectRef;
  readonly counts: ArchiveCounts;
}

/** Failures in a row, of whatever videos, that are not an input's fault: then something else is wrong, and the run ends. */
export const MAX_FAILURES_IN_ROW = 5;

/** How often a video is segmented again in a run because a stored file of its result turned out to be damaged. */
export const MAX_PUBLISH_REPAIRS = 1;

/** A video that another command is segmenting is waited for this often, first for a second, then twice as long each time. */
export const BUSY_TRIES = 10;

interface OfRun {
  readonly archive: ObjectRef;
  readonly run: string;
}

interface OfVideo extends OfRun {
  readonly page: ObjectRef;
  readonly index: number;
}

export interface PlanPageInput extends OfRun {
  readonly policy: ArchivePolicy;
  /** The page before this one. */
  readonly after: ObjectRef | null;
}

export interface PlanPageResult extends PageCursor {
  readonly skipped: number;
  readonly stillQuarantined: number;
  readonly passedOver: number;
}

export interface PrepareVideoInput extends OfVideo {
  readonly policy: ArchivePolicy;
}

/** run: start its workflow; gone: it is no longer there, or was changed just now. */
export type PrepareVideoResult =
  | { readonly state: 'run'; readonly jobId: string; readonly job: ObjectRef; readonly videoId: string; readonly seconds: number; readonly bytes: number }
  | { readonly state: 'skipped' | 'quarantined' | 'still-quarantined' | 'gone' };

export interface PublishVideoInput extends OfVideo {
  readonly jobId: string;
  readonly job: ObjectRef;
  readonly manifest: ObjectRef;
  readonly objects: number;
}

export interface RecordFailureInput extends OfVideo {
  readonly jobId: string | null;
  readonly failure: string;
  readonly reason: string;
  readonly quarantineAfter: number;
}

export interface RecordBusyInput extends OfVideo {
  readonly jobId: string;
}

export interface ReportInput extends OfRun {
  readonly night: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly endedBy: 'end' | 'budget' | 'cancelled' | 'failure';
  readonly failure: { readonly failure: string; readonly reason: string } | null;
  readonly counts: ArchiveCounts;
  readonly spent: ArchiveSpent;
}

export interface ArchiveControlActivities {
  /** List the next files and leave out what needs no look. */
  planArchivePage(input: PlanPageInput): Promise<PlanPageResult>;
  recordArchiveFailure(input: RecordFailureInput): Promise<{ readonly state: 'failed' | 'quarantined' }>;
  recordArchiveBusy(input: RecordBusyInput): Promise<void>;
  reportArchive(input: ReportInput): Promise<{ readonly report: ObjectRef }>;
}

export interface ArchiveMediaActivities {
  /** Fetch, hash and check one file, and write its job. */
  prepareArchiveVideo(input: PrepareVideoInput): Promise<PrepareVideoResult>;
  /** failed: something that is no result is in its place. */
  publishArchiveVideo(input: PublishVideoInput): Promise<{ readonly state: 'done' | 'failed' }>;
}

export type ArchiveActivityName = keyof (ArchiveControlActivities & ArchiveMediaActivities);

const control = { role: 'control', startToCloseTimeout: '1 hour', scheduleToCloseTimeout: '24 hours', heartbeatTimeout: '1 minute' } as const;
const media = { role: 'media', startToCloseTimeout: '12 hours', scheduleToCloseTimeout: '48 hours', heartbeatTimeout: '1 minute' } as const;

export const ARCHIVE_ACTIVITY_PROFILES: Readonly<Record<ArchiveActivityName, ActivityProfile>> = {
  planArchivePage: control,
  recordArchiveFailure: control,
  recordArchiveBusy: control,
  reportArchive: control,
  prepareArchiveVideo: media,
  publishArchiveVideo: media,
};
