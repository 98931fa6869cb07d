import type { z } from 'zod';
import type { ArtefactManifest, Stage } from '../../contracts/artefact-manifest';
import { VamgError } from '../../contracts/errors';
import type { ObjectRef } from '../../contracts/object-ref';
import { renderArtefactSchema, resultManifestSchema } from '../../contracts/pipeline-artefacts';
import type { ArtefactStore } from './artefact-store';

/** Stages whose data names more data. */
const NAMED_BY: Partial<Record<Stage, z.ZodType<readonly (ObjectRef | null)[]>>> = {
  render: renderArtefactSchema.transform(({ overlay, preview }) => [overlay, preview]),
  publish: resultManifestSchema.transform(({ files }) => Object.values(files)),
  correct: resultManifestSchema.transform(({ files }) => Object.values(files)),
};

/** All data that an artefact needs to be whole. What its own data says is left out where that cannot be read. */
export async function dataOf(artefacts: ArtefactStore, { stage, ref }: Pick<ArtefactManifest, 'stage' | 'ref'>): Promise<ObjectRef[]> {
  const schema = NAMED_BY[stage];
  if (schema === undefined) return [ref];
  try {
    return [ref, ...(await artefacts.readJson(ref, schema)).filter((one) => one !== null)];
  } catch (error) {
    if (error instanceof VamgError && error.failure === 'CorruptArtifact') return [ref];
    throw error;
  }
}
