import { ApplicationFailure, CancellationScope, condition, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { ActivityFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';
import { MAX_FAILURES_IN_ROW, MAX_PUBLISH_REPAIRS, type PageCursor, type SegmentArchiveInput } from '../contracts/archive-messages';
import { PAUSE_SIGNAL, RESUME_SIGNAL, type SegmentVideoResult } from '../contracts/messages';
import { isBudgetLeft } from '../core/planning/archive-budget';
import { verdictOn } from '../core/planning/archive-decisions';
import { startVideo, type PreparedVideo, type VideoHandle } from './archive-child';
import type { ArchiveBoard } from './archive-board';
import { createCallArchiveActivity, type CallArchiveActivity } from './archive-proxies';

/** A name, and what is known of a failure: catalogue name and one sentence. */
export interface KnownFailure {
  readonly failure: string;
  readonly reason: string;
}

interface Place {
  readonly page: PageCursor['page'];
  readonly index: number;
}

/** Goes through an archive with a bounded number of videos at work. */
export class ArchiveRun {
  readonly call: CallArchiveActivity;
  /** Why nothing new is started any more. */
  stopped: KnownFailure | null = null;
  private running = 0;
  private readonly handles = new Set<VideoHandle>();

  constructor(
    private readonly input: SegmentArchiveInput,
    private readonly board: ArchiveBoard,
  ) {
    this.call = createCallArchiveActivity(input);
  }

  /**
   * @returns true when the archive was gone through or the run was stopped, false when the history is long: then nothing is in
   * flight and the rest is for a new run of this workflow.
   */
  async run(): Promise<boolean> {
    try {
      while (await this.mayGoOn()) {
        const place = await this.nextPlace();
        if (place === null) break;
        this.start(place);
      }
      this.board.phase = 'finishing';
      await condition(() => this.running === 0);
      return this.stopped !== null || this.isAtEnd();
    } finally {
      await CancellationScope.nonCancellable(() => condition(() => this.running === 0));
    }
  }

  /** Pause or resume, the videos at work included. */
  setPaused(paused: boolean): void {
    this.board.paused = paused;
    for (const handle of this.handles) void handle.signal(paused ? PAUSE_SIGNAL : RESUME_SIGNAL).catch(() => undefined);
  }

  private async mayGoOn(): Promise<boolean> {
    const mustEnd = (): boolean => this.stopped !== null || workflowInfo().continueAsNewSuggested;
    await condition(() => mustEnd() || (!this.board.paused && this.running < this.input.parallel));
    return !mustEnd();
  }

  private isAtEnd(): boolean {
    const { cursor, next } = this.board;
    return cursor?.isLast === true && next >= cursor.todo;
  }

  /**
   * The next video; null after the last one, and when the history is long. When the budget is used up, the rest of the archive is
   * only counted.
   */
  private async nextPlace(): Promise<Place | null> {
    const { board } = this;
    for (;;) {
      const { cursor } = board;
      if (cursor !== null && board.next < cursor.todo) {
        if (isBudgetLeft(this.input.budget, board.spent)) return { page: cursor.page, index: board.next++ };
        board.isOverBudget = true;
        board.count('left', cursor.todo - board.next);
        board.next = cursor.todo;
      }
      if (cursor?.isLast === true || workflowInfo().continueAsNewSuggested) return null;
      await this.nextPage();
    }
  }

  private async nextPage(): Promise<void> {
    const { archive, policy } = this.input;
    const { run, cursor } = this.board;
    const { skipped, stillQuarantined, passedOver, ...next } = await this.call('planArchivePage', { archive, run, policy, after: cursor?.page ?? null }, 'list the next files');
    this.board.cursor = next;
    this.board.next = 0;
    this.board.count('skipped', skipped);
    this.board.count('stillQuarantined', stillQuarantined);
    this.board.count('passedOver', passedOver);
  }

  private start(place: Place): void {
    this.running++;
    this.process(place)
      .catch((error: unknown) => {
        if (!isCancellation(error)) this.stopped ??= knownFailure(error);
      })
      .finally(() => this.running--)
      .catch(() => undefined);
  }

  private async process(place: Place): Promise<void> {
    const video = await this.prepare(place);
    if (video === null) return;
    if (!isBudgetLeft(this.input.budget, this.board.spent)) {
      this.board.isOverBudget = true;
      return this.board.count('left');
    }
    this.board.spend(video);
    // Two names with the same bytes are the same job: the second one waits and finds the work done.
    await condition(() => !this.board.paused && !this.board.atWork.has(video.jobId));
    this.board.atWork.add(video.jobId);
    try {
      await this.segment(place, video);
    } finally {
      this.board.atWork.delete(video.jobId);
    }
  }

  private async prepare(place: Place): Promise<PreparedVideo | null> {
    const { archive, policy } = this.input;
    const { run } = this.board;
    try {
      const prepared = await this.call('prepareArchiveVideo', { archive, run, policy, ...place }, `look at video ${place.index + 1} of the page`);
      if (prepared.state === 'run') return prepared;
      const counted = { skipped: 'skipped', quarantined: 'quarantined', 'still-quarantined': 'stillQuarantined', gone: 'passedOver' } as const;
      this.board.count(counted[prepared.state]);
    } catch (error) {
      await this.recordFailure(place, null, error);
    }
    return null;
  }

  private async segment(place: Place, video: PreparedVideo): Promise<void> {
    for (let repairs = 0; ; repairs++) {
      try {
        return await this.segmentOnce(place, video);
      } catch (error) {
        // The activity that met the damage has removed it: what is missing is computed, the rest is found.
        if (knownFailure(error).failure === 'CorruptArtifact' && repairs < MAX_PUBLISH_REPAIRS) continue;
        return await this.recordFailure(place, video.jobId, error);
      }
    }
  }

  private async segmentOnce(place: Place, video: PreparedVideo): Promise<void> {
    const { archive } = this.input;
    const { run } = this.board;
    const { jobId, job } = video;
    const handle = await startVideo(this.input, video);
    if (handle === null) {
      await this.call('recordArchiveBusy', { archive, run, ...place, jobId }, jobId);
      return this.board.count('busy');
    }
    const { manifest, objects } = await this.resultOf(handle);
    const { state } = await this.call('publishArchiveVideo', { archive, run, ...place, jobId, job, manifest, objects }, jobId);
    this.board.count(state);
    this.board.failuresInRow = 0;
  }

  private async resultOf(handle: VideoHandle): Promise<SegmentVideoResult> {
    this.handles.add(handle);
    // It was started while a signal to pause came in.
    if (this.board.paused) await handle.signal(PAUSE_SIGNAL).catch(() => undefined);
    try {
      return await handle.result();
    } finally {
      this.handles.delete(handle);
    }
  }

  private async recordFailure(place: Place, jobId: string | null, error: unknown): Promise<void> {
    // The whole run is being cancelled, not only this video.
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    const { failure, reason } = knownFailure(error);
    const verdict = verdictOn(failure);
    if (verdict === 'setup') this.stopped ??= { failure, reason };
    if (verdict === 'perhaps') this.board.failuresInRow++;
    if (this.board.failuresInRow >= MAX_FAILURES_IN_ROW) this.stopped ??= { failure, reason: `${MAX_FAILURES_IN_ROW} videos in a row failed, the last one so: ${reason}` };
    log.warn('a video of the archive failed', { jobId, failure });
    const { archive, policy } = this.input;
    const { state } = await this.call('recordArchiveFailure', { archive, run: this.board.run, ...place, jobId, failure, reason, quarantineAfter: policy.quarantineAfter }, jobId ?? 'failure');
    this.board.count(state);
  }
}

/** What an error says, in terms of the catalogue. */
export function knownFailure(error: unknown): KnownFailure {
  let cause: unknown = error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause !== undefined) cause = cause.cause;
  if (isCancellation(cause)) return { failure: 'Cancelled', reason: 'The job of this video was cancelled.' };
  if (cause instanceof ApplicationFailure) return { failure: cause.type ?? 'Internal', reason: cause.message.slice(0, 1000) };
  if (cause instanceof TimeoutFailure) return { failure: 'InferenceFailed', reason: 'A step took longer than its time limit, retries included.' };
  return { failure: 'Internal', reason: 'It failed through a bug; the log of the workers has the details.' };
}
