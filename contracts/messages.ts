/** Names and types of what goes in and out of the workflows; types and constants only, so that workflow bundles stay small. */
import type { CorrectionRequest } from './edits';
import type { ObjectRef } from './object-ref';

export const SEGMENT_VIDEO_WORKFLOW = 'segmentVideo';

export const QUEUE_ROLES = ['control', 'media', 'inference'] as const;
export type WorkerRole = (typeof QUEUE_ROLES)[number];

export interface SegmentVideoInput {
  readonly schemaVersion: 1;
  /** Reference to the JobSpec. */
  readonly job: ObjectRef;
  readonly videoId: string;
  /** Chunks in flight at one time. */
  readonly parallel: number;
  readonly overlay: boolean;
  readonly viewer: boolean;
  /** Stitch again what an earlier job has tracked: detect and track are not called, and their artefacts must be there. */
  readonly stitchOnly?: boolean;
  /** Task queues are `<queuePrefix>-<role>`; default `vamg`. */
  readonly queuePrefix?: string;
  /** True when the namespace knows our search attributes; upserting unknown ones would stall the workflow. */
  readonly searchAttributes?: boolean;
  /** 1 (first) to 5 (last); the server's default is 3. */
  readonly priorityKey?: number;
  /** How long a step may be silent before it is given to another worker, such as 30s; that of its profile when absent. */
  readonly heartbeatTimeout?: string;
  /** Carried over continue-as-new. */
  readonly resumeFrom?: SegmentCarry;
}

/** Where to go on after continue-as-new: everything before it is in the store and would be found there anyway. */
export interface SegmentCarry {
  readonly phase: Phase;
  readonly next: number;
  readonly startedAtMs: number;
  readonly paused?: boolean;
  /** How often work was done again because a stored artefact was damaged. */
  readonly repairs?: number;
  /** Corrections that wait for the result. */
  readonly corrections?: readonly Correction[];
}

/** Update of a running `segmentVideo`, and of `correctVideo`, which serves jobs that have ended. It takes a CorrectionRequest. */
export const CORRECT_UPDATE = 'correct';
export const CORRECT_VIDEO_WORKFLOW = 'correctVideo';
/** The workflow that corrects the result of job `<id>` is `correct-<id>`. */
export const CORRECT_PREFIX = 'correct-';

/** Bytes of JSON: of one correction, and of all that wait for a running job's result, which go along when it continues as new. */
export const CORRECTION_LIMITS = { bytes: 16 << 10, waitingBytes: 32 << 10 } as const;

/** A correction on its way. */
export interface Correction {
  /** Of the update: the same again is not done again. */
  readonly id: string;
  readonly request: CorrectionRequest;
  /** When it was asked for; milliseconds since 1970. */
  readonly atMs: number;
}

/** What came of a correction. */
export interface CorrectionDone {
  readonly state: 'done';
  readonly correction: string;
  /** Its lines in the trail (edits.jsonl), numbers of the first and the last. */
  readonly firstEdit: number;
  readonly lastEdit: number;
  readonly objectsBefore: number;
  readonly objects: number;
  /** Edits that hold now. */
  readonly editsInForce: number;
  /** The corrected result. */
  readonly manifest: ObjectRef;
}

/** The answer to the update `correct`. `waiting`: a long job goes on in a new run and takes the correction along; ask again with the same update ID to hear of it. */
export type CorrectionAnswer = CorrectionDone | { readonly state: 'waiting'; readonly correction: string };

export interface CorrectVideoInput {
  readonly schemaVersion: 1;
  /** Reference to the JobSpec of the job whose result is corrected; `job` of its result.json. */
  readonly job: ObjectRef;
  /** For logs and traces alone. */
  readonly videoId?: string;
  readonly queuePrefix?: string;
  readonly priorityKey?: number;
  readonly heartbeatTimeout?: string;
  /** It ends when nobody asked for anything for so long; default 5 minutes. */
  readonly idleMs?: number;
  /** Carried over continue-as-new. */
  readonly corrections?: readonly Correction[];
}

export const DEFAULT_QUEUE_PREFIX = 'vamg';

/** Name of the task queue of a role. */
export function taskQueueName(prefix: string, role: WorkerRole): string {
  return `${prefix}-${role}`;
}

export const PHASES = ['probe', 'plan', 'chunks', 'match', 'resolve', 'render', 'publish', 'done'] as const;
export type Phase = (typeof PHASES)[number];

export type ChunkState = 'waiting' | 'detecting' | 'tracking' | 'tracked' | 'rendering' | 'done' | 'failed';

export interface SegmentProgress {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly chunkCount: number;
  /** Per-chunk state, one letter each in chunk order: w d t T r D F (see CHUNK_LETTERS). */
  readonly chunks: string;
  readonly positions: number;
  readonly positionsDone: number;
  readonly objects: number | null;
  readonly startedAtMs: number;
}

export const CHUNK_LETTERS: Readonly<Record<ChunkState, string>> = {
  waiting: 'w',
  detecting: 'd',
  tracking: 't',
  tracked: 'T',
  rendering: 'r',
  done: 'D',
  failed: 'F',
};

/** Result of the workflow: a reference to the result manifest (name -> ObjectRef of every file of the result folder). */
export interface SegmentVideoResult {
  readonly schemaVersion: 1;
  readonly manifest: ObjectRef;
  readonly objects: number;
  readonly frames: number;
  /** Corrections that were asked for while the job ran and could not be done, with one sentence each; at most 20. */
  readonly refusedCorrections?: readonly { readonly correction: string; readonly reason: string }[];
}

/** Search attributes of the workflow; plain text on the server, so hashes and names of our own only. */
export const SEARCH_ATTRIBUTES = { VideoId: 'KEYWORD', Stage: 'KEYWORD', Model: 'KEYWORD', FailureClass: 'KEYWORD' } as const;

export const PROGRESS_QUERY = 'progress';
export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';

/** Header in which a workflow and its activities are told which trace they belong to (W3C trace context); the name that Temporal's own tracing uses. */
export const TRACE_HEADER = '_tracer-data';

/** Largest JSON payload that an activity or workflow may take or return. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** What a running activity heartbeats; `vamg status` shows it. A hint only: the checkpoints in the store decide. */
export interface HeartbeatDetails {
  readonly stage: 'detect' | 'track' | 'render' | 'publish' | 'probe';
  readonly chunk: number;
  /** Positions finished and planned in this activity. */
  readonly done: number;
  readonly total: number;
  readonly objects: number;
  readonly inferenceMs: number;
  /** How much of `total` is done in a second, over the last minute or so; 0 until known. Absent from workers of before. */
  readonly perSecond?: number;
  /** First and last frame of the chunk, decode indices of the video; absent where there is no chunk. */
  readonly firstFrame?: number;
  readonly lastFrame?: number;
}
