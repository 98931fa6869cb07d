import type { ControlActivities, InferenceActivities, MediaActivities } from './activity-types';
import type { WorkerRole } from './messages';

/** Timeouts, retry and queue of one activity. Constants: workflow code must give the same commands whenever it is replayed. */
export interface ActivityProfile {
  readonly role: WorkerRole;
  /** Longest time of one attempt. */
  readonly startToCloseTimeout: string;
  /** Longest time over all attempts and waits; infrastructure failures are retried until then. */
  readonly scheduleToCloseTimeout: string;
  /** A dead worker is noticed after this time, unless temporal.yaml says otherwise (workers.heartbeatTimeout). */
  readonly heartbeatTimeout: string;
}

export type ActivityName = keyof (ControlActivities & MediaActivities & InferenceActivities);

const control = { role: 'control', startToCloseTimeout: '1 hour', scheduleToCloseTimeout: '24 hours', heartbeatTimeout: '30 seconds' } as const;
const media = { role: 'media', startToCloseTimeout: '12 hours', scheduleToCloseTimeout: '48 hours', heartbeatTimeout: '30 seconds' } as const;
const inference = { role: 'inference', startToCloseTimeout: '24 hours', scheduleToCloseTimeout: '7 days', heartbeatTimeout: '30 seconds' } as const;

export const ACTIVITY_PROFILES: Readonly<Record<ActivityName, ActivityProfile>> = {
  probe: media,
  plan: control,
  detect: inference,
  track: inference,
  match: control,
  resolve: control,
  relabel: control,
  render: media,
  publish: media,
  correct: media,
  cleanup: { ...control, startToCloseTimeout: '10 minutes', scheduleToCloseTimeout: '1 hour' },
};

/** CorruptArtifact is repaired by running the producers again, which only the workflow can do. */
export const RETRY_POLICY = {
  initialInterval: '2 seconds',
  maximumInterval: '2 minutes',
  nonRetryableErrorTypes: ['CorruptArtifact'],
} as const;

/** How often a workflow starts over with what is left in the store after an artefact turned out to be damaged. */
export const MAX_REPAIRS = 3;

/** Attempts after which a bug (an error without a catalogue name) is no longer retried. */
export const MAX_BUG_ATTEMPTS = 5;
