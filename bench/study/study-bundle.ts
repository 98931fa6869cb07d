import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBundle, parseBundleManifest, withImageModel, type ResolvedBundle } from '../../models/bundles';

/** The bundle in a folder with all its files, or, without one, the built-in one from the cache. */
export async function openStudyBundle(folder: string | undefined): Promise<ResolvedBundle> {
  if (folder === undefined) return ensureBundle('mobilesam');
  const { manifest, sha256 } = parseBundleManifest(readFileSync(join(folder, 'bundle.json'), 'utf8'), 'bundle');
  return withImageModel({ name: manifest.name, sha256, manifest, directory: folder }, ensureBundle);
}

/** Text that changes with the bundle's encoder of this input size. */
export function encoderIdentity(bundle: ResolvedBundle, inputSize: number): string {
  const encoder = (bundle.image ?? bundle).manifest.files.find(({ role }) => role === `encoder-${inputSize}`);
  return createHash('sha256').update(JSON.stringify(encoder?.sha256)).digest('hex');
}
