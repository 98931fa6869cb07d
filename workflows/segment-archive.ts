import { ApplicationFailure, CancellationScope, continueAsNew, defineQuery, defineSignal, isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { ArchiveProgress, ReportInput, SegmentArchiveInput, SegmentArchiveResult } from '../contracts/archive-messages';
import { PAUSE_SIGNAL, PROGRESS_QUERY, RESUME_SIGNAL } from '../contracts/messages';
import { ArchiveBoard } from './archive-board';
import { ArchiveRun, knownFailure, type KnownFailure } from './archive-run';

const progressQuery = defineQuery<ArchiveProgress>(PROGRESS_QUERY);
const pauseSignal = defineSignal(PAUSE_SIGNAL);
const resumeSignal = defineSignal(RESUME_SIGNAL);

/** Set by the server for what a schedule starts: the time for which it was planned, whenever it really began. */
const SCHEDULED_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Go once through an archive: list its files, start the workflow of each video that is not done, publish the results, write a
 * report. One video's failure does not end the run; a wrong set-up does. Cancel through Temporal: the videos at work are cancelled
 * and awaited, and the report says what was done. While paused nothing new starts, in the videos at work neither.
 */
export async function segmentArchive(input: SegmentArchiveInput): Promise<SegmentArchiveResult> {
  const board = openBoard(input);
  const run = new ArchiveRun(input, board);
  setHandler(progressQuery, () => board.snapshot());
  setHandler(pauseSignal, () => run.setPaused(true));
  setHandler(resumeSignal, () => run.setPaused(false));
  let isOver: boolean;
  try {
    isOver = await run.run();
  } catch (error) {
    await CancellationScope.nonCancellable(() => report(input, board, run, isCancellation(error) ? 'cancelled' : 'failure', isCancellation(error) ? null : knownFailure(error)));
    throw error;
  }
  if (!isOver) return await continueAsNew<typeof segmentArchive>({ ...input, resumeFrom: board.carry() });
  if (run.stopped !== null) {
    await CancellationScope.nonCancellable(() => report(input, board, run, 'failure', run.stopped));
    throw ApplicationFailure.nonRetryable(run.stopped.reason, run.stopped.failure);
  }
  const endedBy = board.isOverBudget ? 'budget' : 'end';
  const stored = await writeReport(input, board, run, endedBy, null);
  board.phase = 'done';
  return { schemaVersion: 1, run: board.run, night: board.night, endedBy, report: stored.report, counts: board.counts };
}

function openBoard({ resumeFrom }: SegmentArchiveInput): ArchiveBoard {
  if (resumeFrom !== undefined) return new ArchiveBoard(resumeFrom.run, resumeFrom.night, resumeFrom.startedAtMs, resumeFrom);
  const { typedSearchAttributes, firstExecutionRunId, startTime } = workflowInfo();
  const scheduled = typedSearchAttributes.get(SCHEDULED_TIME);
  const night = scheduled === undefined ? null : toSeconds(scheduled.toISOString());
  const name = (night ?? toSeconds(startTime.toISOString())).replaceAll(':', '-').toLowerCase();
  return new ArchiveBoard(`${name}-${firstExecutionRunId.slice(-8)}`, night, Date.now());
}

/** 2026-11-18T02:30:00.000Z -> 2026-11-18T02:30:00Z, as the server writes it in workflow IDs. */
function toSeconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}

async function writeReport(input: SegmentArchiveInput, board: ArchiveBoard, run: ArchiveRun, endedBy: ReportInput['endedBy'], failure: KnownFailure | null): Promise<{ readonly report: SegmentArchiveResult['report'] }> {
  board.phase = 'reporting';
  const { night, startedAtMs, counts, spent } = board;
  return await run.call('reportArchive', { archive: input.archive, run: board.run, night, startedAtMs, endedAtMs: Date.now(), endedBy, failure, counts, spent }, 'write the report');
}

/** The report of a run that ends otherwise: when it cannot be written, the reason for the end is what counts. */
async function report(...args: Parameters<typeof writeReport>): Promise<void> {
  await writeReport(...args).catch(() => undefined);
}
