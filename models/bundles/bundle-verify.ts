import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFile, wantedFiles } from './bundle-files';
import { findBundle } from './bundle-list';
import { forgetResolved } from './bundle-registry';
import { bundleCacheDirectory } from './model-cache';
import { VerifiedStamp } from './verified-stamp';

export interface BundleReport {
  /** Names of files that are not in the cache. */
  readonly missing: readonly string[];
  /** Names of files that did not have their pinned sha256; they were removed, so that the next pull fetches them again. */
  readonly wrong: readonly string[];
}

/**
 * Hash every file of the bundle in the cache, whatever the stamp says.
 * @throws VamgError NotFound for an unknown name.
 */
export async function verifyBundle(name: string, options: { onFile?: (name: string) => void; signal?: AbortSignal } = {}): Promise<BundleReport> {
  const bundle = await findBundle(name);
  const directory = bundleCacheDirectory(bundle);
  forgetResolved(directory);
  const stamp = await VerifiedStamp.read(directory);
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const file of wantedFiles(bundle.manifest)) {
    options.onFile?.(file.name);
    const state = await checkFile(directory, file, options.signal);
    if (state === 'right') {
      await stamp.add(file.name);
      continue;
    }
    (state === 'missing' ? missing : wrong).push(file.name);
    stamp.remove(file.name);
    await rm(join(directory, file.name), { force: true });
  }
  if (await stat(directory).catch(() => null)) await stamp.save();
  return { missing, wrong };
}
