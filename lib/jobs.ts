/** `video-amg/jobs`: start, follow and steer segmentation jobs on a Temporal server from your own code. Temporal's packages are loaded by `connectJobs`. */
export { connectJobs, type ConnectOptions, type CorrectedJob, type FinishedJob, type JobRequest, type Jobs } from './parts/jobs';
export { segmentOptions } from './parts/options';
export type { SegmentOptions, SegmentOptionsInput } from '../contracts/segment-options';
export type { CorrectionRequest, TrailLine, WantedEdit } from '../contracts/edits';
export type { SegmentProgress } from '../contracts/messages';
export type { StartedJob } from '../workers/job-client';
export type { JobListing } from '../workers/workflow-runs';
export type { JobProgress, JobStatus, RunningStep, StepState } from '../workers/job-progress';
export type { JobReport } from '../workers/inspect-job';
export type { ChunkReport, FailureReport, StepReport } from '../workers/chunk-reports';
export type { IdleQueue } from '../workers/idle-queues';
export { VamgError, type FailureName } from '../contracts/errors';
