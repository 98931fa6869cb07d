import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ArtefactStore } from '../../adapters/store/artefact-store';
import type { ObjectRef } from '../../contracts/object-ref';
import { trailWithin } from '../../adapters/results/corrected-result';
import { resultManifestSchema } from '../../contracts/pipeline-artefacts';
import { exportsWithin, rebuildExports } from '../edit/rebuild-exports';
import { writeOutFolder } from './out-folder';

/**
 * Write the result folder from the result manifest; every file is compared with its sha256. A corrected result that replaces a former one
 * has its exports too, made again.
 */
export async function materialise(artefacts: ArtefactStore, manifestRef: ObjectRef, folder: string, replaceEdited = false): Promise<void> {
  const { files } = await artefacts.readJson(manifestRef, resultManifestSchema);
  const trail = await trailWithin(artefacts, { files });
  const fill = async (partial: string): Promise<void> => {
    for (const [name, ref] of Object.entries(files)) {
      const target = path.resolve(partial, name);
      if (!target.startsWith(partial + path.sep)) throw new RangeError(`result file ${name} would lie outside its folder`);
      await mkdir(path.dirname(target), { recursive: true });
      await artefacts.download(ref, target);
    }
    if (trail !== '') await rebuildExports(partial, await exportsWithin(folder), new AbortController().signal);
  };
  await writeOutFolder(folder, fill, replaceEdited, trail);
}
