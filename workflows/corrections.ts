import { ApplicationFailure, CancellationScope, allHandlersFinished, condition, currentUpdateInfo, defineUpdate, isCancellation, setHandler } from '@temporalio/workflow';
import { ActivityFailure } from '@temporalio/common';
import type { CorrectResult } from '../contracts/activity-types';
import type * as Edits from '../contracts/edits';
import type { CorrectionRequest } from '../contracts/edits';
import { CORRECT_UPDATE, CORRECTION_LIMITS, type Correction, type CorrectionAnswer, type CorrectionDone, type SegmentVideoResult } from '../contracts/messages';
import { utf8Length } from '../core/planning/utf8-length';

const correctUpdate = defineUpdate<CorrectionAnswer, [CorrectionRequest]>(CORRECT_UPDATE);

/** Refused ones that are named in a result. */
const NAMED_REFUSALS = 20;

interface Entry {
  readonly correction: Correction;
  outcome: CorrectionDone | ApplicationFailure | null;
}

/** Corrects the stored result: the activity `correct`. */
export type Correct = (correction: Correction) => Promise<CorrectResult>;

/**
 * The corrections that a workflow was asked for, done one after the other in the order in which they came. What asks is the update
 * `correct`, whose answer comes when its correction is done; what does them is the workflow itself, when there is a result, so that a
 * cancelled workflow cancels them.
 */
export class Corrections {
  private readonly entries = new Map<string, Entry>();
  private refusal: ApplicationFailure | null = null;
  private isLeaving = false;

  /** @param carried those that an earlier run of this workflow left waiting */
  constructor(carried: readonly Correction[] = []) {
    for (const correction of carried) this.entries.set(correction.id, { correction, outcome: null });
    setHandler(correctUpdate, (request) => this.handle(request), { validator: (request) => this.check(request) });
  }

  get isAnyWaiting(): boolean {
    return this.waiting().length > 0;
  }

  /** Those that could not be done, for the result. */
  get refused(): NonNullable<SegmentVideoResult['refusedCorrections']> {
    return [...this.entries.values()].flatMap(({ correction, outcome }) => (outcome instanceof ApplicationFailure ? [{ correction: correction.id, reason: outcome.message }] : [])).slice(0, NAMED_REFUSALS);
  }

  /**
   * Do what waits, and what comes meanwhile, until everybody who asked has an answer. @param isEnough leaves the rest waiting
   * @returns the newest result; null when nothing was done
   */
  async settle(correct: Correct, isEnough: () => boolean = () => false): Promise<CorrectResult | null> {
    let newest: CorrectResult | null = null;
    while (!isEnough()) {
      const [next] = this.waiting();
      if (next !== undefined) newest = (await attempt(next, correct)) ?? newest;
      else if (allHandlersFinished()) break;
      else await condition(() => this.isAnyWaiting || allHandlersFinished());
    }
    return newest;
  }

  /** Nothing will be corrected: answer everybody with the reason, now and later. */
  refuse(reason: string, type: string): void {
    this.refusal = ApplicationFailure.nonRetryable(reason, type);
    for (const entry of this.waiting()) entry.outcome = this.refusal;
  }

  /** Before this workflow goes on in a new run: answer everybody that their correction waits. @returns what the new run has to do */
  async leave(): Promise<readonly Correction[]> {
    this.isLeaving = true;
    await condition(allHandlersFinished);
    return this.waiting().map(({ correction }) => correction);
  }

  private check(request: unknown): void {
    if (this.refusal !== null) throw this.refusal;
    const bytes = bytesOf(request);
    if (bytes > CORRECTION_LIMITS.bytes) throw bad(`A correction has at most ${CORRECTION_LIMITS.bytes} bytes of JSON, not ${bytes}; give fewer edits at once.`);
    const waiting = this.waiting().reduce((sum, { correction }) => sum + bytesOf(correction.request), 0);
    if (waiting + bytes > CORRECTION_LIMITS.waitingBytes) throw bad('Too many corrections wait for the result of this job already; give this one when the job is done.');
    try {
      loadEdits().parseCorrection(request);
    } catch (error) {
      throw error instanceof RangeError ? bad(error.message) : error;
    }
  }

  private async handle(request: CorrectionRequest): Promise<CorrectionAnswer> {
    const { id } = currentUpdateInfo()!;
    // Known when an earlier run took it along and its client asks again what became of it.
    const entry: Entry = this.entries.get(id) ?? { correction: { id, request, atMs: Date.now() }, outcome: this.refusal };
    this.entries.set(id, entry);
    // A cancelled workflow answers with its reason.
    await CancellationScope.nonCancellable(() => condition(() => entry.outcome !== null || this.isLeaving));
    if (entry.outcome instanceof ApplicationFailure) throw entry.outcome;
    return entry.outcome ?? { state: 'waiting', correction: id };
  }

  private waiting(): Entry[] {
    return [...this.entries.values()].filter(({ outcome }) => outcome === null);
  }
}

/** The schemas, and zod with them, are evaluated anew for every workflow on a worker: only those that are corrected need them. */
function loadEdits(): typeof Edits {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('../contracts/edits') as typeof Edits;
}

async function attempt(entry: Entry, correct: Correct): Promise<CorrectResult | null> {
  try {
    const result = await correct(entry.correction);
    entry.outcome = result.done ?? ApplicationFailure.nonRetryable('The correction was done, but what it did is not known.', 'Internal');
    return result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const cause = error instanceof ActivityFailure ? error.cause : error;
    entry.outcome = cause instanceof ApplicationFailure ? ApplicationFailure.nonRetryable(cause.message, cause.type) : ApplicationFailure.nonRetryable('The correction took longer than its time limit, attempts included; give it again.', 'Internal');
    return null;
  }
}

function bytesOf(value: unknown): number {
  return utf8Length(JSON.stringify(value) ?? '');
}

function bad(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'BadConfig');
}
