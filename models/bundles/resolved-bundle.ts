import { join } from 'node:path';
import { VamgError } from '../../contracts/errors';
import type { BundleManifest } from './bundle-manifest';

/** A bundle whose files all lie, verified, in one local folder. */
export interface ResolvedBundle {
  readonly name: string;
  /** Identity: sha256 over the manifest, which holds the sha256 of every file; with an image model, over both. */
  readonly sha256: string;
  readonly manifest: BundleManifest;
  /** Local folder with graphs and weights side by side; never part of a payload, message or artefact. */
  readonly directory: string;
  /** The bundle that segments pictures, where this one is a tracker only. */
  readonly image?: ResolvedBundle;
}

/**
 * Local path of the file with this role.
 * @throws VamgError BadConfig when the bundle has none.
 */
export function bundleFilePath(bundle: ResolvedBundle, role: string): string {
  const file = bundle.manifest.files.find((candidate) => candidate.role === role);
  if (!file) throw new VamgError('BadConfig', `Model bundle ${bundle.name} has no ${role}.`);
  return join(bundle.directory, file.path);
}
