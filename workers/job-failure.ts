import { ActivityFailure, ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { isFailureName, VamgError } from '../contracts/errors';

/** Why a job ended, as a catalogue error with the sentence that its activity gave. */
export function jobFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause;
  if (cause instanceof CancelledFailure) return new VamgError('Cancelled', 'The job was cancelled.');
  if (cause instanceof ApplicationFailure && isFailureName(cause.type)) {
    const details: unknown = cause.details?.[0];
    return new VamgError(cause.type, cause.message, { details: typeof details === 'object' && details !== null ? { ...details } : {} });
  }
  if (cause instanceof TerminatedFailure) return new VamgError('Cancelled', 'The job was terminated by an operator.');
  if (cause instanceof TimeoutFailure) return new VamgError('InferenceFailed', 'A step took longer than its time limit, retries included; start the job again to go on.');
  return new VamgError('Internal', 'The job failed through a bug; the log of the workers has the details.', { cause: error });
}
