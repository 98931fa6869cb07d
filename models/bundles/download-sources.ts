import { createWriteStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { BundleDownload, DownloadSource } from './bundle-manifest';
import type { NpmSourceReader } from './npm-source';

/** For messages: where a file came from, without any path of this machine. */
export function describeSource(source: DownloadSource): string {
  if (source.kind === 'npm') return `npm ${source.package}@${source.version}`;
  return source.kind === 'https' ? new URL(source.url).host : `file in $${source.env}`;
}

/** True for a source that applies on this machine: a `file` source needs its environment variable. */
export function isSourceConfigured(source: DownloadSource): boolean {
  return source.kind !== 'file' || Boolean(process.env[source.env]);
}

/**
 * Write the bytes of one source to `target`; the caller checks the sha256.
 * @throws Error when the source does not answer or gives more bytes than the manifest says.
 */
export async function fetchFromSource(
  download: BundleDownload,
  source: DownloadSource,
  target: string,
  npm: NpmSourceReader,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (source.kind === 'https') return fetchHttps(source.url, download.bytes, target, onBytes, signal);
  const path = source.kind === 'npm' ? await npm.extract(source, signal) : process.env[source.env]!;
  await copyFile(path, target);
  onBytes(download.bytes);
}

async function fetchHttps(url: string, limit: number, target: string, onBytes: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  const response = await fetch(url, { redirect: 'follow', ...(signal ? { signal } : {}) });
  if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
  if (response.url && !response.url.startsWith('https://')) throw new Error('the server leads away from https');
  let bytes = 0;
  const counter = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      onBytes(bytes);
      done(bytes > limit ? new Error(`more than ${limit} bytes`) : null, part);
    },
  });
  await pipeline(Readable.fromWeb(response.body as ReadableStream), counter, createWriteStream(target));
}
