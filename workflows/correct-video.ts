import { ApplicationFailure, CancellationScope, condition, continueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { CorrectResult } from '../contracts/activity-types';
import type { Correction, CorrectVideoInput } from '../contracts/messages';
import { Corrections } from './corrections';
import { createCallActivity } from './proxies';

/** A command that corrects often finds it running; a forgotten one costs the server nothing. */
const IDLE_MS = 5 * 60_000;

/**
 * Corrects the result of a job that has ended, for which its own workflow takes no updates any more. Started with the first update
 * `correct` (update-with-start), it does one correction after the other and ends when nobody has asked for any for a while.
 */
export async function correctVideo(input: CorrectVideoInput): Promise<void> {
  const corrections = new Corrections(input.corrections);
  const call = createCallActivity(input);
  const { job, videoId, idleMs = IDLE_MS } = input;
  if (!isJob(job)) {
    corrections.refuse('correctVideo needs {"schemaVersion": 1, "job": {"key", "sha256", "bytes"}}: the job as its result.json names it.', 'BadConfig');
    throw ApplicationFailure.nonRetryable('The input names no job.', 'BadConfig');
  }
  const correct = (correction: Correction): Promise<CorrectResult> => call('correct', { job, ...(videoId !== undefined && { videoId }), correction }, 'correct the result');
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested;
  try {
    while (await condition(() => corrections.isAnyWaiting, idleMs)) {
      await corrections.settle(correct, isLong);
      if (isLong()) return await continueAsNew<typeof correctVideo>({ ...input, corrections: await corrections.leave() });
    }
  } catch (error) {
    if (isCancellation(error)) {
      corrections.refuse('The correction was cancelled; the result is as it was before.', 'Cancelled');
      await CancellationScope.nonCancellable(() => corrections.settle(correct));
    }
    throw error;
  }
}

/** Any Temporal client may start it. */
function isJob(job: CorrectVideoInput['job'] | undefined): boolean {
  return typeof job?.key === 'string' && /^[0-9a-f]{64}$/.test(job.sha256);
}
