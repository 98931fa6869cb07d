import type { TemporalFailure } from '@temporalio/common';
import { isFailureName } from '../contracts/errors';
import { SERVER_FAILURES } from '../contracts/server-failures';
import { readPayload } from './data-converter';

type RawFailure = NonNullable<TemporalFailure['failure']>;

/** Why an attempt of a step ended, in words for the user. */
export interface StepFailure {
  /** A name of the catalogue, or `WorkerLost`, `TimedOut`, `HandedBack` for what the server says of a step. */
  readonly name: string;
  readonly message: string;
}

/** TimeoutType of Temporal's API. */
const HEARTBEAT = 4;

/** What an attempt failed with. Texts come from another machine: no control characters, of limited length. */
export async function stepFailure(failure: RawFailure): Promise<StepFailure> {
  const name = nameOf(failure);
  const known = SERVER_FAILURES[name];
  if (known !== undefined) return { name, message: known.message };
  const hidden = await readPayload<{ message?: unknown }>(failure.encodedAttributes);
  const text = typeof hidden?.message === 'string' ? hidden.message : (failure.message ?? '');
  return { name, message: text.replace(/\p{Cc}/gu, ' ').slice(0, 500) };
}

function nameOf({ timeoutFailureInfo, canceledFailureInfo, applicationFailureInfo }: RawFailure): string {
  if (timeoutFailureInfo !== null && timeoutFailureInfo !== undefined) return timeoutFailureInfo.timeoutType === HEARTBEAT ? 'WorkerLost' : 'TimedOut';
  if (canceledFailureInfo !== null && canceledFailureInfo !== undefined) return 'HandedBack';
  const type = applicationFailureInfo?.type;
  return isFailureName(type) ? type : 'Internal';
}
