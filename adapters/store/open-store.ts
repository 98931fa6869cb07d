import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VamgError } from '../../contracts/errors';
import { FileStore } from './file-store';
import type { ObjectStore } from './object-store';
import { S3Store } from './s3-store';
import { s3LimitsFromEnv, s3SettingsFromEnv } from './s3-settings';
import { FileSourceRegistry, S3SourceRegistry, type SourceRegistry } from './source-registry';

export interface OpenStore {
  readonly store: ObjectStore;
  readonly sources: SourceRegistry;
}

export interface OpenStoreOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where videos fetched from S3 are kept; ~/.cache/vamg/videos by default. */
  readonly cacheDir?: string;
  readonly cacheLimitBytes?: number;
  /** Told of each call to an S3 server that is sent again. */
  readonly onRetry?: () => void;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^([A-Za-z0-9_][A-Za-z0-9._-]*\/)*$/;

/**
 * Open the store named by a URL: `file:///folder` (or a plain folder path), or `s3://bucket/prefix` with the connection in
 * the environment. @throws VamgError BadConfig
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<OpenStore> {
  if (!url.startsWith('s3://')) {
    const folder = localFolder(url);
    return { store: await FileStore.open(folder), sources: new FileSourceRegistry(path.join(folder, 'sources')) };
  }
  const [bucket = '', ...rest] = url.slice('s3://'.length).split('/');
  const prefix = rest.filter((part) => part !== '').map((part) => `${part}/`).join('');
  if (!BUCKET.test(bucket) || !PREFIX.test(prefix)) throw new VamgError('BadConfig', 'The store must be s3://bucket or s3://bucket/prefix with plain names.');
  const env = options.env ?? process.env;
  const limits = { ...s3LimitsFromEnv(env), ...(options.onRetry && { onRetry: options.onRetry }) };
  const store = new S3Store(s3SettingsFromEnv(env), bucket, prefix, limits);
  const cacheDir = options.cacheDir ?? path.join(homedir(), '.cache', 'vamg', 'videos');
  return { store, sources: new S3SourceRegistry(store, cacheDir, options.cacheLimitBytes) };
}

function localFolder(url: string): string {
  if (!url.includes('://')) return path.resolve(url);
  if (!url.startsWith('file:///')) throw new VamgError('BadConfig', 'The store must be a folder, file:///folder, or s3://bucket/prefix.');
  return fileURLToPath(url);
}
