import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const MOST_AT_ONCE = 1 << 20;

/** sha256 (hex) and size of a file, read in parts: the next one while this one is hashed, into the same two buffers, no larger than the file. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(file);
  let reading: Promise<{ bytesRead: number }> = Promise.resolve({ bytesRead: 0 });
  try {
    const size = Math.min(MOST_AT_ONCE, (await handle.stat()).size + 1);
    let [part, next] = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)];
    reading = handle.read(part, 0, size);
    for (;;) {
      const { bytesRead } = await reading;
      signal?.throwIfAborted();
      if (bytesRead === 0) break;
      reading = handle.read(next, 0, size);
      hash.update(part.subarray(0, bytesRead));
      bytes += bytesRead;
      [part, next] = [next, part];
    }
  } finally {
    await reading.catch(() => undefined);
    await handle.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** sha256 (hex) of bytes or of UTF-8 text. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
