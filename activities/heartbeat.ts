import { Context } from '@temporalio/activity';
import type { HeartbeatDetails } from '../contracts/messages';
import { VamgError } from '../contracts/errors';
import { BEAT_MS } from '../contracts/temporal-config';
import { countFrames } from './frame-metrics';

export interface Heartbeat {
  /** Fires on cancellation (its reason), and on a stall (VamgError InferenceFailed). */
  readonly signal: AbortSignal;
  /** Something advanced. */
  report(details: Partial<HeartbeatDetails>): void;
  stop(): void;
}

/**
 * Heartbeats from the worker's main thread while the work reports progress. When nothing was reported for `stallSeconds` the
 * beats end, so that the server notices a hung process, and `signal` fires, so that this attempt gives its slot back.
 */
export function startHeartbeat(initial: HeartbeatDetails, stallSeconds: number): Heartbeat {
  const context = Context.current();
  const stalled = new AbortController();
  const count = countFrames(context.metricMeter, initial.stage, initial);
  let details = initial;
  let lastProgress = performance.now();
  context.heartbeat(details);
  const timer = setInterval(() => {
    if (performance.now() - lastProgress <= stallSeconds * 1000) return context.heartbeat(details);
    clearInterval(timer);
    stalled.abort(new VamgError('InferenceFailed', `Nothing advanced for ${stallSeconds} s at ${details.done} of ${details.total} frames; this attempt was ended.`));
  }, BEAT_MS);
  return {
    signal: AbortSignal.any([context.cancellationSignal, stalled.signal]),
    report: (update) => {
      lastProgress = performance.now();
      details = { ...details, ...update };
      count(details);
      context.heartbeat(details);
    },
    stop: () => clearInterval(timer),
  };
}
