import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { VamgError } from '../../contracts/errors';

/** Where an archive or its results are. */
export type ArchiveAddress = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Read a folder (made absolute with `toAbsolute`), file:///folder or s3://bucket/prefix.
 * @param what what is being read, for messages: "SOURCE", "--dest"
 * @throws VamgError BadConfig
 */
export function parseArchiveAddress(text: string, what: string, toAbsolute: (folder: string) => string = path.resolve): ArchiveAddress {
  if (/\p{Cc}/u.test(text) || text === '') throw new VamgError('BadConfig', `${what} must be a folder, file:///folder or s3://bucket/prefix.`);
  if (text.startsWith('s3://')) return s3Address(text, what);
  if (text.startsWith('file://')) return { kind: 'folder', folder: fromFileUrl(text, what) };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) throw new VamgError('BadConfig', `${what} is a folder, file:///folder or s3://bucket/prefix; ${text.split('://', 1)[0]!.slice(0, 20)}:// is not supported.`);
  return { kind: 'folder', folder: toAbsolute(text) };
}

function s3Address(text: string, what: string): ArchiveAddress {
  const [bucket = '', ...parts] = text.slice('s3://'.length).split('/');
  const kept = parts.filter((part) => part !== '');
  if (!BUCKET.test(bucket) || kept.some((part) => part === '.' || part === '..')) throw new VamgError('BadConfig', `${what} must be s3://bucket or s3://bucket/prefix with a bucket name of lower-case letters, digits, dots and dashes.`);
  return { kind: 's3', bucket, prefix: kept.map((part) => `${part}/`).join('') };
}

function fromFileUrl(text: string, what: string): string {
  try {
    return path.resolve(fileURLToPath(text));
  } catch (cause) {
    throw new VamgError('BadConfig', `${what}: ${text.slice(0, 100)} is not a usable file:// address; write file:///folder.`, { cause });
  }
}

/** The one form in which an address is kept: two ways to write a place are the same archive. */
export function formatArchiveAddress(address: ArchiveAddress): string {
  if (address.kind === 'folder') return pathToFileURL(address.folder).href;
  return `s3://${address.bucket}/${address.prefix}`.replace(/\/$/, '');
}

/** Last part of an address, for names: "s3://films/2026/may" -> "may". */
export function lastPartOf(address: ArchiveAddress): string {
  const last = address.kind === 'folder' ? path.basename(address.folder) : (address.prefix.split('/').filter(Boolean).at(-1) ?? address.bucket);
  return last === '' ? 'archive' : last;
}
