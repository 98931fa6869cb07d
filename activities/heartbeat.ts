import { Context } from '@temporalio/activity';
import type { HeartbeatDetails } from '../contracts/messages';
import { VamgError } from '../contracts/errors';
import { BEAT_MS } from '../contracts/temporal-config';
import { RateMeter } from '../core/pipeline/rate-meter';
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
  const { cancellationSignal } = context;
  // Not AbortSignal.any: Node keeps such a signal, and all that hangs on it, for as long as it has a listener.
  const ended = new AbortController();
  const onCancelled = (): void => ended.abort(cancellationSignal.reason);
  if (cancellationSignal.aborted) onCancelled();
  else cancellationSignal.addEventListener('abort', onCancelled, { once: true });
  const count = countFrames(context.metricMeter, initial.stage, initial);
  let details = initial;
  let lastProgress = performance.now();
  const rate = new RateMeter();
  const beat = (): void => {
    rate.add(performance.now(), details.done);
    context.heartbeat({ ...details, perSecond: Number(rate.framesPerSecond().toFixed(4)) });
  };
  beat();
  const timer = setInterval(() => {
    if (performance.now() - lastProgress <= stallSeconds * 1000) return beat();
    clearInterval(timer);
    ended.abort(new VamgError('InferenceFailed', `Nothing advanced for ${stallSeconds} s at ${details.done} of ${details.total} frames; this attempt was ended.`));
  }, BEAT_MS);
  return {
    signal: ended.signal,
    report: (update) => {
      lastProgress = performance.now();
      details = { ...details, ...update };
      count(details);
      beat();
    },
    stop: () => {
      clearInterval(timer);
      cancellationSignal.removeEventListener('abort', onCancelled);
    },
  };
}
