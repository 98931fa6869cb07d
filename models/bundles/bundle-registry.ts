import { VamgError } from '../../contracts/errors';
import { checkFile, findUnverified } from './bundle-files';
import { findBundle } from './bundle-list';
import { imageModelOf, withImageModel } from './image-model';
import { bundleCacheDirectory } from './model-cache';
import { checkGraph } from './onnx-external-data';
import type { ResolvedBundle } from './resolved-bundle';
import { VerifiedStamp } from './verified-stamp';

const resolved = new Map<string, ResolvedBundle>();

/**
 * The bundle's verified files in the local cache, and those of its image model if it has one, without fetching anything. Files whose time changed (a copied cache, a
 * container image) are hashed once.
 * @throws VamgError NotFound for an unknown name, SetupMissing when a file is missing or wrong, BadConfig for an image model that is none.
 */
export async function resolveBundle(name: string): Promise<ResolvedBundle> {
  return withImageModel(await resolveOwn(name), resolveOwn);
}

async function resolveOwn(name: string): Promise<ResolvedBundle> {
  const bundle = await findBundle(name);
  const directory = bundleCacheDirectory(bundle);
  const known = resolved.get(directory);
  if (known) return known;
  const stamp = await VerifiedStamp.read(directory);
  const unverified = await findUnverified(bundle.manifest, directory);
  for (const file of unverified) {
    const state = await checkFile(directory, file);
    if (state !== 'right')
      throw new VamgError('SetupMissing', `Model file ${file.name} of bundle ${name} is ${state === 'wrong' ? 'damaged' : 'not here yet'}; run \`vamg models pull ${name}\`.`);
    await checkGraph(directory, bundle.manifest, file.name);
    await stamp.add(file.name);
  }
  if (unverified.length > 0) await stamp.save();
  const result = { name: bundle.name, sha256: bundle.sha256, manifest: bundle.manifest, directory };
  resolved.set(directory, result);
  return result;
}

/** Forget what was resolved in this process, after files were changed or checked anew. */
export function forgetResolved(directory: string): void {
  resolved.delete(directory);
}

/** True when nothing would have to be fetched. */
export async function isBundleReady(name: string): Promise<boolean> {
  const bundle = await findBundle(name);
  if ((await findUnverified(bundle.manifest, bundleCacheDirectory(bundle))).length > 0) return false;
  const image = imageModelOf(bundle.manifest);
  return image === undefined || (await isBundleReady(image));
}
