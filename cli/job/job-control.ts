import type { SegmentProgress, SegmentVideoResult } from '../../contracts/messages';
import type { JobRecord } from './job-record';

/** State of a job as the server knows it; `unknown` when the server has never heard of it. */
export type ServerState = 'running' | 'done' | 'failed' | 'cancelled' | 'unknown';

export interface ListedJob {
  readonly id: string;
  readonly state: ServerState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/** What the commands ask of the Temporal server. Everything throws VamgError. */
export interface JobControl {
  /** Start the job, or find it running or done. */
  start(record: JobRecord): Promise<void>;
  /** Why it ended, when it failed, is thrown. */
  wait(id: string): Promise<SegmentVideoResult>;
  /** null when no worker answers in time. */
  progress(id: string): Promise<SegmentProgress | null>;
  state(id: string): Promise<ServerState>;
  list(): Promise<ListedJob[]>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  close(): Promise<void>;
}
