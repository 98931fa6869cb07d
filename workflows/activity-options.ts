import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { RETRY_POLICY, type ActivityProfile } from '../contracts/activity-profiles';
import { DEFAULT_QUEUE_PREFIX, taskQueueName } from '../contracts/messages';

export interface CallSettings {
  readonly queuePrefix: string | undefined;
  /** What operators read in the Temporal UI. */
  readonly summary: string;
  readonly priority?: ActivityOptions['priority'];
  readonly heartbeatTimeout?: string | undefined;
}

/** How an activity with this profile is called, always the same: replay compares it with the history. */
export function activityOptions({ role, ...timeouts }: ActivityProfile, { queuePrefix, summary, priority, heartbeatTimeout = timeouts.heartbeatTimeout }: CallSettings): ActivityOptions {
  return {
    ...timeouts,
    heartbeatTimeout,
    taskQueue: taskQueueName(queuePrefix ?? DEFAULT_QUEUE_PREFIX, role),
    retry: { ...RETRY_POLICY, nonRetryableErrorTypes: [...RETRY_POLICY.nonRetryableErrorTypes] },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
    ...(priority !== undefined && { priority }),
  } as ActivityOptions;
}
