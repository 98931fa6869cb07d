import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { storeErrorFromNode } from './store-errors';
import { callS3, withDeadline, withRetries, type S3CallLimits } from './s3-retry';

/** For an answer that does not say how long it is. */
const UNKNOWN_SIZE_MS = 3600_000;

/** Longest time for so many bytes: an object that comes slower is not worth waiting for. */
export function transferMs(bytes: number, { callMs, slowestBytesPerSecond }: S3CallLimits): number {
  return callMs + (bytes / slowestBytesPerSecond) * 1000;
}

/**
 * Fetch an object, with retries. Each try has a deadline until the answer begins, and one for its body, by its size; a body that is late
 * is cut off, so that it does not go on writing where the next try writes.
 */
export async function receive<T>(send: () => Promise<Readable>, read: (body: Readable) => Promise<T>, limits: S3CallLimits): Promise<T> {
  return await withRetries(async () => {
    const body = await withDeadline(send(), limits.callMs);
    const bytes = announcedBytes(body);
    return await withDeadline(read(body), bytes === null ? UNKNOWN_SIZE_MS : transferMs(bytes, limits), (late) => body.destroy(late));
  }, limits);
}

/** Upload a file, with retries, each with a deadline by its size. */
export async function sendFile<T>(localPath: string, send: () => Promise<T>, limits: S3CallLimits): Promise<T> {
  const { size } = await stat(localPath).catch((error: unknown) => {
    throw storeErrorFromNode(error);
  });
  return await callS3(send, limits, transferMs(size, limits));
}

function announcedBytes(body: Readable): number | null {
  const headers = (body as { readonly headers?: Readonly<Record<string, unknown>> }).headers;
  const length = headers?.['content-length'];
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : null;
}
