import { jobSpecSchema, planSchema, type JobSpec, type Plan } from '../contracts/artefacts';
import type { StageInput } from '../contracts/activity-types';
import { VamgError } from '../contracts/errors';
import type { ObjectRef } from '../contracts/object-ref';
import { probeArtefactSchema, type ProbeArtefact } from '../contracts/pipeline-artefacts';
import { promptsFileSchema } from '../contracts/prompts';
import { inUserWords } from '../contracts/in-user-words';
import { labelsOf } from '../core/pipeline/labels-of';
import { resolvePrompts } from '../core/pipeline/resolve-prompts';
import { NOTHING_GIVEN, planKey, probeKey, StageKeys, type GivenObjects } from '../core/pipeline/stage-keys';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import { sha256Hex } from '../adapters/store/hash-file';

export interface JobContext {
  /** Where the job spec is stored. */
  readonly jobRef: ObjectRef;
  readonly job: JobSpec;
  readonly plan: Plan;
  readonly keys: StageKeys;
  readonly given: GivenObjects;
}

/** The job spec that an activity's input points to. @throws VamgError CorruptArtifact, BadConfig */
export async function loadJob(artefacts: ArtefactStore, input: StageInput): Promise<JobSpec> {
  return await artefacts.readKept(input.job, jobSpecSchema);
}

/** The contexts of jobs whose spec is in memory: keys are worked out once for a job, not once for every step of it. */
const contexts = new WeakMap<JobSpec, JobContext>();

/** Job, plan and keys, from the store. */
export async function loadContext(artefacts: ArtefactStore, input: StageInput): Promise<JobContext> {
  const job = await loadJob(artefacts, input);
  const plan = await artefacts.readKeptInput(await artefacts.need('plan', planKey(job, sha256Hex)), planSchema);
  const known = contexts.get(job);
  if (known?.plan === plan) return known;
  const context = { jobRef: input.job, ...(await contextOf(artefacts, job, plan)) };
  contexts.set(job, context);
  return context;
}

/** The same from a job and its plan. @throws VamgError CorruptArtifact, BadConfig */
export async function contextOf(artefacts: ArtefactStore, job: JobSpec, plan: Plan): Promise<Omit<JobContext, 'jobRef'>> {
  const given = await loadGiven(artefacts, job, plan);
  return { job, plan, keys: new StageKeys(job, plan, sha256Hex, given), given };
}

async function loadGiven(artefacts: ArtefactStore, job: JobSpec, plan: Plan): Promise<GivenObjects> {
  if (job.prompts === null) return NOTHING_GIVEN;
  const file = await artefacts.readJson(job.prompts, promptsFileSchema);
  const { info } = await loadProbe(artefacts, job);
  const { prompts } = inUserWords(() => resolvePrompts(file, info, plan));
  return { prompts, labels: labelsOf(file.objects) };
}

export async function loadProbe(artefacts: ArtefactStore, job: JobSpec): Promise<ProbeArtefact> {
  return await artefacts.readKeptInput(await artefacts.need('probe', probeKey(job, sha256Hex)), probeArtefactSchema);
}

/** First and last frame (decode indices of the video) of the positions start <= position < end. */
export function framesOf({ firstFrame, frameStep }: Plan, start: number, end: number): { firstFrame: number; lastFrame: number } {
  return { firstFrame: firstFrame + start * frameStep, lastFrame: firstFrame + (end - 1) * frameStep };
}

/** The chunk index of an input. @throws VamgError Internal when it is missing or outside the plan */
export function chunkOf(input: StageInput, plan: Plan): Plan['chunks'][number] {
  const chunk = input.chunk === undefined ? undefined : plan.chunks[input.chunk];
  if (chunk === undefined) throw new VamgError('Internal', `Chunk ${input.chunk} is not in the plan of ${plan.chunks.length} chunks.`);
  return chunk;
}
