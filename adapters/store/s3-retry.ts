import { setTimeout as sleep } from 'node:timers/promises';
import { VamgError } from '../../contracts/errors';
import { errorCode, isS3NotFound, storeErrorFromS3 } from './store-errors';

export interface S3CallLimits {
  /** Longest time for one call without a transfer, until an answer begins, and the idle limit of transfers, in milliseconds. */
  readonly callMs: number;
  /** Transfers have so much more time as their bytes take at this speed. */
  readonly slowestBytesPerSecond: number;
  /** Tries of one call, the first included. */
  readonly attempts: number;
  /** Wait before the second try; doubled after each, with jitter. */
  readonly backoffMs: number;
  /** Told of each further try. */
  readonly onRetry?: () => void;
}

export const DEFAULT_S3_LIMITS: S3CallLimits = { callMs: 30_000, slowestBytesPerSecond: 32 * 1024, attempts: 4, backoffMs: 200 };

/**
 * Reject when `work` takes longer than `ms`: the S3 client itself waits for ever. The work may still end later, unheard, where `abandon`
 * does not end it.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, abandon?: (late: Error) => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  work.catch(() => undefined);
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' });
      abandon?.(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Try again after resets, timeouts and server errors; not after "no such object", "exists already" or wrong credentials. */
export async function withRetries<T>(call: () => Promise<T>, limits: S3CallLimits): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isFinal = isS3NotFound(error) || errorCode(error) === 'PreconditionFailed';
      if (isFinal) throw error;
      const known = storeErrorFromS3(error);
      if (!(known instanceof VamgError) || known.failure !== 'StoreUnavailable' || attempt >= limits.attempts) throw known;
      limits.onRetry?.();
      await sleep(limits.backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

/** One call as all are made: with a deadline for each try. @param ms of a try; that of a call without a transfer when left out */
export async function callS3<T>(send: () => Promise<T>, limits: S3CallLimits, ms = limits.callMs): Promise<T> {
  return await withRetries(() => withDeadline(send(), ms), limits);
}
