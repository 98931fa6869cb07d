import { ApplicationFailure, CancellationScope, ContinueAsNew, defineQuery, defineSignal, isCancellation, log, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { ActivityFailure, defineSearchAttributeKey } from '@temporalio/common';
import { MAX_REPAIRS } from '../contracts/activity-profiles';
import { PAUSE_SIGNAL, PROGRESS_QUERY, RESUME_SIGNAL, type SegmentProgress, type SegmentVideoInput, type SegmentVideoResult } from '../contracts/messages';
import { createCallActivity } from './proxies';
import { ProgressBoard } from './progress-board';
import { SegmentRun } from './segment-run';

export const progressQuery = defineQuery<SegmentProgress>(PROGRESS_QUERY);
export const pauseSignal = defineSignal(PAUSE_SIGNAL);
export const resumeSignal = defineSignal(RESUME_SIGNAL);

const FAILURE_ATTRIBUTE = defineSearchAttributeKey('FailureClass', 'KEYWORD');

/**
 * Segment one video. Cancel through Temporal: running activities are awaited, checkpoints removed, and the workflow ends as
 * cancelled. While paused no new activity starts; those that run go on.
 */
export async function segmentVideo(input: SegmentVideoInput): Promise<SegmentVideoResult> {
  const board = new ProgressBoard(input.resumeFrom?.startedAtMs ?? Date.now());
  board.paused = input.resumeFrom?.paused ?? false;
  setHandler(progressQuery, () => board.snapshot());
  setHandler(pauseSignal, () => void (board.paused = true));
  setHandler(resumeSignal, () => void (board.paused = false));
  try {
    return await runWithRepairs(input, board);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(() => createCallActivity(input)('cleanup', { job: input.job, videoId: input.videoId }, 'remove checkpoints'));
      throw error;
    }
    const failure = rootFailure(error);
    if (input.searchAttributes === true) upsertSearchAttributes([{ key: FAILURE_ATTRIBUTE, value: failure?.type ?? 'Internal' }]);
    throw error;
  }
}

/** A damaged artefact was removed by the activity that met it; a new pass computes what is missing and skips the rest. */
async function runWithRepairs(input: SegmentVideoInput, board: ProgressBoard): Promise<SegmentVideoResult> {
  let carry = input.resumeFrom;
  for (let repairs = carry?.repairs ?? 0; ; repairs++) {
    try {
      return await new SegmentRun(input, board, carry, repairs).run();
    } catch (error) {
      if (rootFailure(error)?.type !== 'CorruptArtifact' || repairs >= MAX_REPAIRS) throw error;
      log.warn('a stored artefact was damaged; computing it again', { repair: repairs + 1 });
      carry = undefined;
    }
  }
}

function rootFailure(error: unknown): ApplicationFailure | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause : null;
}
