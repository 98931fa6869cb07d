import { Context } from '@temporalio/activity';
import { BEAT_MS } from '../contracts/temporal-config';

/**
 * Heartbeats while `work` runs, so that a dead worker is noticed; hangs are ended by the deadlines of what the work calls. Most such steps
 * are over before the first one.
 */
export async function withPulse<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
