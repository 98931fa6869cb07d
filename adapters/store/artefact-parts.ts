import { renderArtefactSchema, resultManifestSchema } from '../../contracts/pipeline-artefacts';
import type { PartsOf } from './artefact-store';

/** The files of a result. */
export const resultParts: PartsOf = async (artefacts, ref) => Object.values((await artefacts.readJson(ref, resultManifestSchema)).files);

/** The films of a chunk. */
export const renderParts: PartsOf = async (artefacts, ref) => {
  const { overlay, preview } = await artefacts.readJson(ref, renderArtefactSchema);
  return [overlay, preview].filter((film) => film !== null);
};
