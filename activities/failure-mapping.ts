import { ApplicationFailure, CancelledFailure, Context, log } from '@temporalio/activity';
import { ApplicationFailureCategory, TemporalFailure } from '@temporalio/common';
import { MAX_BUG_ATTEMPTS } from '../contracts/activity-profiles';
import { errorCode, isResourceError } from '../adapters/store/store-errors';
import { FAILURES, VamgError } from '../contracts/errors';

/**
 * The one place where errors become Temporal failures: type = catalogue name, nonRetryable as the catalogue says. The message is
 * the catalogue error's own sentence, and a bug is given up after a few attempts; stack traces and causes stay in the worker's log, because they name host paths.
 */
export function toActivityFailure(error: unknown): Error {
  if (error instanceof TemporalFailure) return error;
  if (error instanceof Error && error.name === 'AbortError') return new CancelledFailure('The step was cancelled.');
  const known = error instanceof VamgError ? error : unknownError(error);
  const failureClass = FAILURES[known.failure];
  const failure = ApplicationFailure.create({
    message: known.message,
    type: known.failure,
    nonRetryable: !failureClass.retryable || (known.failure === 'Internal' && Context.current().info.attempt >= MAX_BUG_ATTEMPTS),
    details: [safeDetails(known.details)],
    ...(known.failure === 'Cancelled' && { category: ApplicationFailureCategory.BENIGN }),
    ...(known.failure === 'ResourceExhausted' && { nextRetryDelay: '1 minute' }),
  });
  failure.stack = `${known.failure}: ${known.message}`;
  return failure;
}

function unknownError(error: unknown): VamgError {
  if (isResourceError(error)) return new VamgError('ResourceExhausted', `The machine of this step cannot take more data (${errorCode(error)}); free some space, the job goes on by itself.`, { cause: error });
  const name = error instanceof Error ? error.name : typeof error;
  return new VamgError('Internal', `This step failed through a bug (${name}); the worker's log has the details.`, { cause: error });
}

/** Numbers, booleans and short strings only. */
function safeDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isSafe = (value: unknown): boolean => ['number', 'boolean'].includes(typeof value) || (typeof value === 'string' && value.length <= 200);
  return Object.fromEntries(Object.entries(details).filter(([, value]) => isSafe(value)));
}

type AnyActivity = (...args: never[]) => Promise<unknown>;

/** The same activities, throwing mapped failures and logging what went wrong, with its cause, on the worker. */
export function withFailureMapping<T extends { readonly [name in keyof T]: AnyActivity }>(activities: T): T {
  const wrap = (name: string, activity: AnyActivity): AnyActivity => async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      const failure = toActivityFailure(error);
      if (!(failure instanceof CancelledFailure)) log.warn('activity failed', { activityName: name, error });
      throw failure;
    }
  };
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, wrap(name, activity as AnyActivity)])) as T;
}
