import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import type { BucketObject, S3Bucket } from './s3-bucket';

/**
 * Fetch an object of somebody else's bucket into a local file: it has the bytes of this version, or is not there. Looked up before
 * and after the transfer. @throws VamgError NotFound when it is gone or has changed, StoreUnavailable, ResourceExhausted; the signal's reason
 */
export async function fetchObject(bucket: S3Bucket, object: BucketObject, target: string, signal: AbortSignal): Promise<void> {
  await check(bucket, object);
  await mkdir(path.dirname(target), { recursive: true });
  const partial = `${target}.partial-${process.pid}`;
  try {
    await bucket.getToFile(object.name, partial);
    signal.throwIfAborted();
    await check(bucket, object);
    if ((await stat(partial)).size !== object.bytes) throw new VamgError('StoreUnavailable', 'The download has another length than the object.');
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Remove what is in a folder and was not asked for since so many milliseconds. */
export async function removeForgotten(folder: string, olderThanMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const age = await stat(file).then((found) => Date.now() - found.mtimeMs, () => 0);
    if (age > olderThanMs) await rm(file, { recursive: true, force: true });
  }
}

async function check(bucket: S3Bucket, { name, bytes, version }: BucketObject): Promise<void> {
  const found = await bucket.stat(name);
  if (found?.bytes !== bytes || found.version !== version) throw new VamgError('NotFound', 'The object is gone, or has changed since it was listed.');
}
