import type { PublishedResult } from '../contracts/activity-types';
import { resultManifestSchema } from '../contracts/pipeline-artefacts';
import type { ArtefactStore } from '../adapters/store/artefact-store';

/**
 * A result that is in the store with all its files, so that nothing has to be done for it; null otherwise, and one that lacks files is
 * forgotten then, so that it is composed again. The bytes of files are not read: whoever takes them compares them.
 */
export async function findPublished(artefacts: ArtefactStore, publishKey: string): Promise<PublishedResult | null> {
  const manifest = await artefacts.findVerified('publish', publishKey);
  if (manifest === null) return null;
  const { files } = await artefacts.readInput(manifest, resultManifestSchema);
  for (const { key, bytes } of Object.values(files)) {
    if ((await artefacts.objects.stat(key))?.bytes === bytes) continue;
    await artefacts.discard(manifest);
    return null;
  }
  return { manifest: manifest.ref, objects: Number(manifest.summary['objects']), frames: Number(manifest.summary['frames']) };
}
