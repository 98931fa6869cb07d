import { contextOf } from '../../activities/job-context';
import type { ArtefactStore } from '../../adapters/store/artefact-store';
import { sha256Hex } from '../../adapters/store/hash-file';
import { planSchema, type JobSpec, type Plan } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import type { Stage } from '../../contracts/artefact-manifest';
import { planKey, probeKey, type StageKeys } from '../../core/pipeline/stage-keys';

/** Everything that stitching reads is in the store. @throws VamgError NotFound, saying what to do */
export async function checkTracked(artefacts: ArtefactStore, spec: JobSpec): Promise<void> {
  const planned = await findWhole(artefacts, 'plan', planKey(spec, sha256Hex));
  const probed = await findWhole(artefacts, 'probe', probeKey(spec, sha256Hex));
  if (planned === null || probed === null) throw gone('What the video was read and cut into is no longer in the store');
  const plan = await artefacts.readJson(planned.ref, planSchema);
  const keys = await findKeys(artefacts, spec, plan);
  let missing = 0;
  for (const { index } of plan.chunks) if ((await findWhole(artefacts, 'track', keys.track(index))) === null) missing++;
  if (missing > 0) throw gone(`The tracks of ${missing} of ${plan.chunks.length} chunks are no longer in the store`);
}

async function findKeys(artefacts: ArtefactStore, spec: JobSpec, plan: Plan): Promise<StageKeys> {
  try {
    return (await contextOf(artefacts, spec, plan)).keys;
  } catch (cause) {
    if (!(cause instanceof VamgError) || cause.failure !== 'CorruptArtifact') throw cause;
    throw gone('The prompts of this job are no longer in the store', cause);
  }
}

/** The manifest of an artefact whose data is there too, as far as its size tells. */
async function findWhole(artefacts: ArtefactStore, stage: Stage, key: string) {
  const manifest = await artefacts.find(stage, key);
  if (manifest === null) return null;
  const data = await artefacts.objects.stat(manifest.ref.key);
  return data?.bytes === manifest.ref.bytes ? manifest : null;
}

function gone(what: string, cause?: VamgError): VamgError {
  return new VamgError('NotFound', `${what}, so this result cannot be stitched again; run \`vamg segment\` with the options in its result.json and those that you want changed: it tracks again what is missing, and only that.`, { cause });
}
