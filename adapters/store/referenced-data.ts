import type { ArtefactManifest, Stage } from '../../contracts/artefact-manifest';
import { VamgError } from '../../contracts/errors';
import type { ObjectRef } from '../../contracts/object-ref';
import { renderParts, resultParts } from './artefact-parts';
import type { ArtefactStore, PartsOf } from './artefact-store';

/** Stages whose data names more data. */
const PARTS: Partial<Record<Stage, PartsOf>> = { render: renderParts, publish: resultParts };

/** All data that an artefact needs to be whole. What its own data says is left out where that cannot be read. */
export async function dataOf(artefacts: ArtefactStore, { stage, ref }: ArtefactManifest): Promise<ObjectRef[]> {
  try {
    return [ref, ...((await PARTS[stage]?.(artefacts, ref)) ?? [])];
  } catch (error) {
    if (error instanceof VamgError && error.failure === 'CorruptArtifact') return [ref];
    throw error;
  }
}
