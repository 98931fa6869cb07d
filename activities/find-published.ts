import type { ArtefactManifest } from '../contracts/artefact-manifest';
import { resultManifestSchema, type ResultManifest } from '../contracts/pipeline-artefacts';
import type { ArtefactStore } from '../adapters/store/artefact-store';

/** The result of a job without corrections, as it is stored. */
export interface StoredResult {
  readonly artefact: ArtefactManifest;
  readonly files: ResultManifest['files'];
}

/**
 * A result that is in the store with all its files, so that nothing has to be done for it; null otherwise, and one that lacks files is
 * forgotten then, so that it is composed again. The bytes of files are not read: whoever takes them compares them.
 */
export async function findPublished(artefacts: ArtefactStore, publishKey: string): Promise<StoredResult | null> {
  const artefact = await artefacts.findVerified('publish', publishKey);
  if (artefact === null) return null;
  const { files } = await artefacts.readInput(artefact, resultManifestSchema);
  for (const { key, bytes } of Object.values(files)) {
    if ((await artefacts.objects.stat(key))?.bytes === bytes) continue;
    await artefacts.discard(artefact);
    return null;
  }
  return { artefact, files };
}
