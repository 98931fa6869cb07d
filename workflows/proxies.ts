import { proxyActivities } from '@temporalio/workflow';
import type { ActivityFunctionWithOptions } from '@temporalio/workflow';
import { ACTIVITY_PROFILES, type ActivityName } from '../contracts/activity-profiles';
import type { ControlActivities, InferenceActivities, MediaActivities } from '../contracts/activity-types';
import type { SegmentVideoInput } from '../contracts/messages';
import { activityOptions } from './activity-options';

type Activities = ControlActivities & MediaActivities & InferenceActivities;

/** Call an activity with the options of its profile. `summary` is what operators read in the Temporal UI. */
export type CallActivity = <N extends ActivityName>(name: N, input: Parameters<Activities[N]>[0], summary: string) => ReturnType<Activities[N]>;

/** Binds activities to the queues of this job. */
export function createCallActivity({ queuePrefix, priorityKey, heartbeatTimeout }: Pick<SegmentVideoInput, 'queuePrefix' | 'priorityKey' | 'heartbeatTimeout'>): CallActivity {
  return (name, input, summary) => {
    const options = activityOptions(ACTIVITY_PROFILES[name], { queuePrefix, summary, heartbeatTimeout, ...(priorityKey !== undefined && { priority: { priorityKey } }) });
    const activity = proxyActivities<Activities>(options)[name] as ActivityFunctionWithOptions<(value: unknown) => Promise<unknown>>;
    return activity(input) as ReturnType<Activities[typeof name]>;
  };
}
