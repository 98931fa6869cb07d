import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '../core/stitch/steps';

const TURN_MS = 100;

/** The result of a long computation, during which heartbeats go out and other steps of the worker go on. */
export async function inSteps<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < TURN_MS) continue;
    await nextTurn();
    since = performance.now();
  }
}
