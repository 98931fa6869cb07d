import { allHandlersFinished, ApplicationFailure, CancellationScope, condition, ContinueAsNew, defineQuery, defineSignal, isCancellation, log, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { ActivityFailure, defineSearchAttributeKey } from '@temporalio/common';
import { MAX_REPAIRS } from '../contracts/activity-profiles';
import { PAUSE_SIGNAL, PROGRESS_QUERY, RESUME_SIGNAL, type SegmentProgress, type SegmentVideoInput, type SegmentVideoResult } from '../contracts/messages';
import { Corrections } from './corrections';
import { createCallActivity } from './proxies';
import { ProgressBoard } from './progress-board';
import { SegmentRun } from './segment-run';

export const progressQuery = defineQuery<SegmentProgress>(PROGRESS_QUERY);
export const pauseSignal = defineSignal(PAUSE_SIGNAL);
export const resumeSignal = defineSignal(RESUME_SIGNAL);

const FAILURE_ATTRIBUTE = defineSearchAttributeKey('FailureClass', 'KEYWORD');

/**
 * Segment one video. Cancel through Temporal: running activities are awaited, checkpoints removed, and the workflow ends as
 * cancelled. While paused no new activity starts; those that run go on. The update `correct` corrects the result before the workflow ends.
 */
export async function segmentVideo(input: SegmentVideoInput): Promise<SegmentVideoResult> {
  const board = new ProgressBoard(input.resumeFrom?.startedAtMs ?? Date.now());
  board.paused = input.resumeFrom?.paused ?? false;
  setHandler(progressQuery, () => board.snapshot());
  setHandler(pauseSignal, () => void (board.paused = true));
  setHandler(resumeSignal, () => void (board.paused = false));
  const corrections = new Corrections(input.resumeFrom?.corrections);
  try {
    return await withCorrections(input, board, corrections, await runWithRepairs(input, board, corrections));
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    if (isCancellation(error)) {
      corrections.refuse('The job was cancelled, so nothing was corrected.', 'Cancelled');
      await CancellationScope.nonCancellable(() => createCallActivity(input)('cleanup', { job: input.job, videoId: input.videoId }, 'remove checkpoints'));
      throw error;
    }
    const failure = rootFailure(error);
    corrections.refuse(`The job failed (${failure?.type ?? 'Internal'}), so there is no result to correct.`, failure?.type ?? 'Internal');
    if (input.searchAttributes === true) upsertSearchAttributes([{ key: FAILURE_ATTRIBUTE, value: failure?.type ?? 'Internal' }]);
    throw error;
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** Do what was asked for while the job ran, and what is asked for meanwhile. */
async function withCorrections(input: SegmentVideoInput, board: ProgressBoard, corrections: Corrections, result: SegmentVideoResult): Promise<SegmentVideoResult> {
  const { job, videoId } = input;
  const newest = await corrections.settle(async (correction) => {
    if (board.paused) await condition(() => !board.paused);
    return await createCallActivity(input)('correct', { job, videoId, correction }, 'correct the result');
  });
  const { refused } = corrections;
  return { ...result, ...(newest !== null && { manifest: newest.manifest, objects: newest.objects }), ...(refused.length > 0 && { refusedCorrections: refused }) };
}

/** A damaged artefact was removed by the activity that met it; a new pass computes what is missing and skips the rest. */
async function runWithRepairs(input: SegmentVideoInput, board: ProgressBoard, corrections: Corrections): Promise<SegmentVideoResult> {
  let carry = input.resumeFrom;
  for (let repairs = carry?.repairs ?? 0; ; repairs++) {
    try {
      return await new SegmentRun(input, board, corrections, carry, repairs).run();
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
