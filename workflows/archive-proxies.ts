import { proxyActivities } from '@temporalio/workflow';
import type { ActivityFunctionWithOptions } from '@temporalio/workflow';
import { ARCHIVE_ACTIVITY_PROFILES, type ArchiveActivityName, type ArchiveControlActivities, type ArchiveMediaActivities, type SegmentArchiveInput } from '../contracts/archive-messages';
import { activityOptions } from './activity-options';

type Activities = ArchiveControlActivities & ArchiveMediaActivities;

/** Call an activity with the options of its profile. `summary` is what operators read in the Temporal UI. */
export type CallArchiveActivity = <N extends ArchiveActivityName>(name: N, input: Parameters<Activities[N]>[0], summary: string) => ReturnType<Activities[N]>;

/** Binds the activities of an archive run to its queues. */
export function createCallArchiveActivity({ queuePrefix, priorityKey, archiveKey }: SegmentArchiveInput): CallArchiveActivity {
  const priority = { priorityKey, fairnessKey: archiveKey };
  return (name, input, summary) => {
    const options = activityOptions(ARCHIVE_ACTIVITY_PROFILES[name], { queuePrefix, summary, priority });
    const activity = proxyActivities<Activities>(options)[name] as ActivityFunctionWithOptions<(value: unknown) => Promise<unknown>>;
    return activity(input) as ReturnType<Activities[typeof name]>;
  };
}
