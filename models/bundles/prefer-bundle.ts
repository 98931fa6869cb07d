import { MEMORY_ROLES } from '../../contracts/memory-network';
import { wantedFiles } from './bundle-files';
import type { BundleManifest } from './bundle-manifest';
import { listBundles } from './bundle-list';
import { isBundleReady } from './bundle-registry';

/** Whether the memory tracker can run with a bundle: it brings a memory network, or is of SAM 2. */
export function hasMemoryNetwork(manifest: BundleManifest): boolean {
  if (manifest.family === 'sam2') return true;
  return MEMORY_ROLES.every((role) => manifest.files.some((file) => file.role === role));
}

/**
 * The bundle that `--tracker auto` uses in place of a built-in one: the largest of the user's bundles that is here completely, is of
 * the same family or of SAM 2, offers the input size and brings a memory network; the built-in one itself when there is none larger, and any
 * bundle of the user's own choice as it is.
 */
export async function preferMemoryBundle(name: string, inputSize: number): Promise<string> {
  const bundles = await listBundles();
  const own = bundles.find((bundle) => bundle.name === name);
  if (own?.origin !== 'built-in') return name;
  let best = { name, bytes: sizeOf(own.manifest) };
  for (const { name: other, origin, manifest } of bundles) {
    if (origin !== 'user' || ![own.manifest.family, 'sam2'].includes(manifest.family) || !manifest.inputSizes.includes(inputSize) || !hasMemoryNetwork(manifest)) continue;
    if (sizeOf(manifest) > best.bytes && (await isBundleReady(other))) best = { name: other, bytes: sizeOf(manifest) };
  }
  return best.name;
}

function sizeOf(manifest: BundleManifest): number {
  return wantedFiles(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
}
