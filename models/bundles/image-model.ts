import { createHash } from 'node:crypto';
import { VamgError } from '../../contracts/errors';
import type { BundleManifest } from './bundle-manifest';
import type { ResolvedBundle } from './resolved-bundle';

/** Families whose bundles hold a video tracker only: pictures are segmented by another bundle, their image model. */
export const TRACKER_FAMILIES: readonly string[] = ['cutie', 'deaot', 'xmem'];

/** Image model of a tracker's bundle that names none. */
const DEFAULT_IMAGE_MODEL = 'mobilesam';

/** Name of the bundle that segments pictures for a tracker's bundle; undefined for a bundle that does so itself. */
export function imageModelOf({ family, imageModel }: Pick<BundleManifest, 'family' | 'imageModel'>): string | undefined {
  return TRACKER_FAMILIES.includes(family) ? (imageModel ?? DEFAULT_IMAGE_MODEL) : undefined;
}

/**
 * A bundle together with its image model, if it needs one. The identity of a pair is the sha256 over those of both.
 * @throws VamgError BadConfig when the image model is a tracker itself; whatever `load` throws.
 */
export async function withImageModel(bundle: ResolvedBundle, load: (name: string) => Promise<ResolvedBundle>): Promise<ResolvedBundle> {
  const name = imageModelOf(bundle.manifest);
  if (name === undefined) return bundle;
  if (name === bundle.name) throw new VamgError('BadConfig', `Model bundle ${bundle.name} names itself as its image model.`);
  const image = await load(name);
  if (imageModelOf(image.manifest) !== undefined) throw new VamgError('BadConfig', `Model bundle ${bundle.name} names ${name} as its image model, which is a tracker itself.`);
  return { ...bundle, sha256: createHash('sha256').update(`${bundle.sha256} ${image.sha256}`).digest('hex'), image };
}

/** Longest sides of pictures that a bundle takes: its own, or those of its image model. */
export function inputSizesOf({ manifest, image }: Pick<ResolvedBundle, 'manifest' | 'image'>): readonly number[] {
  return (image?.manifest ?? manifest).inputSizes;
}
