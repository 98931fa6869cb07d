import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityFunctionWithOptions, ActivityOptions } from '@temporalio/workflow';
import { ACTIVITY_PROFILES, RETRY_POLICY, type ActivityName } from '../contracts/activity-profiles';
import type { ControlActivities, InferenceActivities, MediaActivities, StageInput } from '../contracts/activity-types';
import { DEFAULT_QUEUE_PREFIX, taskQueueName, type SegmentVideoInput } from '../contracts/messages';

type Activities = ControlActivities & MediaActivities & InferenceActivities;

/** Call an activity with the options of its profile. `summary` is what operators read in the Temporal UI. */
export type CallActivity = <N extends ActivityName>(name: N, input: StageInput, summary: string) => ReturnType<Activities[N]>;

/** Binds activities to the queues of this job. */
export function createCallActivity(input: SegmentVideoInput): CallActivity {
  const prefix = input.queuePrefix ?? DEFAULT_QUEUE_PREFIX;
  return (name, stageInput, summary) => {
    const { role, ...timeouts } = ACTIVITY_PROFILES[name];
    const options = {
      ...timeouts,
      taskQueue: taskQueueName(prefix, role),
      retry: { ...RETRY_POLICY, nonRetryableErrorTypes: [...RETRY_POLICY.nonRetryableErrorTypes] },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      summary,
      ...(input.priorityKey !== undefined && { priority: { priorityKey: input.priorityKey } }),
    } as ActivityOptions;
    const activity = proxyActivities<Activities>(options)[name] as ActivityFunctionWithOptions<(stage: StageInput) => Promise<unknown>>;
    return activity(stageInput) as ReturnType<Activities[typeof name]>;
  };
}
