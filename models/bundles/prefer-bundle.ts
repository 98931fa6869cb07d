import { MEMORY_ROLES } from '../../contracts/memory-network';
import { findUnverified, wantedFiles } from './bundle-files';
import type { BundleManifest } from './bundle-manifest';
import { listBundles } from './bundle-list';
import { imageModelOf } from './image-model';
import { bundleCacheDirectory } from './model-cache';

/** Whether the memory tracker can run with a bundle: it brings a memory network, or is of SAM 2, or a tracker itself. */
export function hasMemoryNetwork(manifest: BundleManifest): boolean {
  if (manifest.family === 'sam2' || imageModelOf(manifest) !== undefined) return true;
  return MEMORY_ROLES.every((role) => manifest.files.some((file) => file.role === role));
}

/**
 * The bundle that `--tracker auto` uses in place of a built-in one: the largest of the user's bundles that is here completely, is of
 * the same family or of SAM 2 or a tracker whose image model is the built-in one, offers the input size and brings a memory network; the
 * built-in one itself when there is none larger, and any bundle of the user's own choice as it is.
 */
export async function preferMemoryBundle(name: string, inputSize: number): Promise<string> {
  const { bundles } = await listBundles();
  const own = bundles.find((bundle) => bundle.name === name);
  if (own?.origin !== 'built-in') return name;
  let best = { name, bytes: sizeOf(own.manifest) };
  for (const bundle of bundles) {
    const { name: other, origin, manifest } = bundle;
    const image = imageModelOf(manifest);
    const { inputSizes } = image === name ? own.manifest : manifest;
    const isOfItsKind = image === name || [own.manifest.family, 'sam2'].includes(manifest.family);
    if (origin !== 'user' || !isOfItsKind || !inputSizes.includes(inputSize) || !hasMemoryNetwork(manifest)) continue;
    const bytes = sizeOf(manifest) + (image === name ? sizeOf(own.manifest) : 0);
    if (bytes > best.bytes && (await findUnverified(manifest, bundleCacheDirectory(bundle))).length === 0) best = { name: other, bytes };
  }
  return best.name;
}

function sizeOf(manifest: BundleManifest): number {
  return wantedFiles(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
}
