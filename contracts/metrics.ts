/**
 * The metrics of our own. They leave through the same Prometheus endpoint as those of the Temporal SDK (which begin with
 * `temporal_`). docs/operations.md lists the same set, and the dashboard uses it; tests compare.
 */
export interface MetricSpec {
  readonly name: `vamg_${string}`;
  readonly kind: 'counter' | 'histogram';
  /** Labels that we set, besides those of the SDK: namespace, task_queue and activity_type for what happens inside a step. */
  readonly labels: readonly string[];
  readonly meaning: string;
}

export const METRICS = {
  frames: { name: 'vamg_frames_total', kind: 'counter', labels: ['stage'], meaning: 'Frames done by a stage (probe, detect, track, render) as they are done; repeated work counts again.' },
  inference: { name: 'vamg_inference_milliseconds_total', kind: 'counter', labels: ['stage'], meaning: 'Milliseconds inside the networks; its rate divided by 1000 is the number of busy devices.' },
  queueWait: { name: 'vamg_queue_wait_seconds', kind: 'histogram', labels: [], meaning: 'Seconds from when an attempt of a step could start to when it started.' },
  steps: { name: 'vamg_steps_total', kind: 'counter', labels: ['outcome'], meaning: 'Steps that ended well: `computed`, or `reused` because the artefact was there.' },
  failures: { name: 'vamg_step_failures_total', kind: 'counter', labels: ['failure'], meaning: 'Attempts that failed, by failure class (docs/errors.md); those that were cancelled or handed back are not counted.' },
  objects: { name: 'vamg_objects_total', kind: 'counter', labels: [], meaning: 'Objects with an ID of their own in published results.' },
  videos: { name: 'vamg_videos_published_total', kind: 'counter', labels: [], meaning: 'Results published.' },
  joins: { name: 'vamg_joins_total', kind: 'counter', labels: ['decision'], meaning: 'Pairs of tracklets compared across a seam, by decision: joined, ambiguous, other.' },
  storeErrors: { name: 'vamg_store_errors_total', kind: 'counter', labels: ['operation', 'failure'], meaning: 'Calls of the artefact store that failed after their retries, by failure class.' },
  storeRetries: { name: 'vamg_store_retries_total', kind: 'counter', labels: [], meaning: 'Calls to the S3 server that were sent again.' },
} as const satisfies Record<string, MetricSpec>;

/** Bucket borders of `vamg_queue_wait_seconds`. */
export const QUEUE_WAIT_BUCKETS = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600] as const;
