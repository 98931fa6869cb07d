import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ParsedManifest } from './bundle-manifest';

type Environment = Readonly<Record<string, string | undefined>>;

/** Folder for everything that is fetched once per machine: VAMG_CACHE, else the user's cache folder. Never inside the clone. */
export function cacheRoot(env: Environment = process.env): string {
  if (env['VAMG_CACHE']) return resolve(env['VAMG_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'video-amg');
}

/** Where a bundle's verified files lie: named after its identity, so that two versions live side by side. */
export function bundleCacheDirectory(parsed: ParsedManifest, env?: Environment): string {
  return join(cacheRoot(env), 'models', `${parsed.manifest.name}-${parsed.sha256.slice(0, 12)}`);
}

/** Where `vamg models add` keeps the user's bundles: VAMG_MODELS, else beside the cache. */
export function userBundlesDirectory(env: Environment = process.env): string {
  return env['VAMG_MODELS'] ? resolve(env['VAMG_MODELS']) : join(cacheRoot(env), 'bundles');
}
