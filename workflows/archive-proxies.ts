import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityFunctionWithOptions, ActivityOptions } from '@temporalio/workflow';
import { RETRY_POLICY } from '../contracts/activity-profiles';
import { ARCHIVE_ACTIVITY_PROFILES, type ArchiveActivityName, type ArchiveControlActivities, type ArchiveMediaActivities, type SegmentArchiveInput } from '../contracts/archive-messages';
import { DEFAULT_QUEUE_PREFIX, taskQueueName } from '../contracts/messages';

type Activities = ArchiveControlActivities & ArchiveMediaActivities;

/** Call an activity with the options of its profile. `summary` is what operators read in the Temporal UI. */
export type CallArchiveActivity = <N extends ArchiveActivityName>(name: N, input: Parameters<Activities[N]>[0], summary: string) => ReturnType<Activities[N]>;

/** Binds the activities of an archive run to its queues. */
export function createCallArchiveActivity({ queuePrefix, priorityKey, archiveKey }: SegmentArchiveInput): CallArchiveActivity {
  return (name, input, summary) => {
    const { role, ...timeouts } = ARCHIVE_ACTIVITY_PROFILES[name];
    const options = {
      ...timeouts,
      taskQueue: taskQueueName(queuePrefix ?? DEFAULT_QUEUE_PREFIX, role),
      retry: { ...RETRY_POLICY, nonRetryableErrorTypes: [...RETRY_POLICY.nonRetryableErrorTypes] },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      summary,
      priority: { priorityKey, fairnessKey: archiveKey },
    } as ActivityOptions;
    const activity = proxyActivities<Activities>(options)[name] as ActivityFunctionWithOptions<(value: unknown) => Promise<unknown>>;
    return activity(input) as ReturnType<Activities[typeof name]>;
  };
}
