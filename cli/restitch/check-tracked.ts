import type { ArtefactStore } from '../../adapters/store/artefact-store';
import { sha256Hex } from '../../adapters/store/hash-file';
import { planSchema, type JobSpec } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import type { Stage } from '../../contracts/artefact-manifest';
import { planKey, probeKey, StageKeys } from '../../core/pipeline/stage-keys';

/** Everything that stitching reads is in the store. @throws VamgError NotFound, saying what to do */
export async function checkTracked(artefacts: ArtefactStore, spec: JobSpec): Promise<void> {
  const planned = await findWhole(artefacts, 'plan', planKey(spec, sha256Hex));
  const probed = await findWhole(artefacts, 'probe', probeKey(spec, sha256Hex));
  if (planned === null || probed === null) throw gone('What the video was read and cut into is no longer in the store');
  const plan = await artefacts.readJson(planned.ref, planSchema);
  const keys = new StageKeys(spec, plan, sha256Hex);
  let missing = 0;
  for (const { index } of plan.chunks) if ((await findWhole(artefacts, 'track', keys.track(index))) === null) missing++;
  if (missing > 0) throw gone(`The tracks of ${missing} of ${plan.chunks.length} chunks are no longer in the store`);
}

/** The manifest of an artefact whose data is there too, as far as its size tells. */
async function findWhole(artefacts: ArtefactStore, stage: Stage, key: string) {
  const manifest = await artefacts.find(stage, key);
  if (manifest === null) return null;
  const data = await artefacts.objects.stat(manifest.ref.key);
  return data?.bytes === manifest.ref.bytes ? manifest : null;
}

function gone(what: string): VamgError {
  return new VamgError('NotFound', `${what}, so this result cannot be stitched again; run \`vamg segment\` with the options in its result.json, which finds the objects anew.`);
}
