import { FAILURES, isFailureName } from './errors';

/** How an attempt of a step may end without having said why: the server noticed it. Retried by itself; not in the catalogue, because a job never ends with one of these names. */
export const SERVER_FAILURES: Readonly<Record<string, { readonly message: string; readonly advice: string }>> = {
  WorkerLost: { message: 'Nothing was heard of the worker for too long: it died, or was cut off.', advice: 'Nothing at first: another worker goes on from the last checkpoint. If workers end again and again, look at their memory and their log.' },
  TimedOut: { message: 'The step took longer than its time limit.', advice: 'Add workers, or give them less at one time; what was computed is kept.' },
  HandedBack: { message: 'The worker ended and handed the step back.', advice: 'Nothing: the next worker goes on from the last checkpoint.' },
};

/** What to do about a failure of this name. */
export function adviceFor(name: string): string {
  return isFailureName(name) ? FAILURES[name].advice : ((Object.hasOwn(SERVER_FAILURES, name) ? SERVER_FAILURES[name]?.advice : undefined) ?? FAILURES.Internal.advice);
}
