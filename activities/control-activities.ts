import path from 'node:path';
import type { ControlActivities, PlanResult, StageInput, StageResult } from '../contracts/activity-types';
import { planSchema, type Plan } from '../contracts/artefacts';
import { VamgError } from '../contracts/errors';
import { inUserWords } from '../contracts/in-user-words';
import { matchNeighbours } from '../core/pipeline/match-window';
import { planVideo } from '../core/pipeline/plan-video';
import { readResolvable, resolveChunksInSteps, type ResolvableChunk } from '../core/pipeline/resolve-chunks';
import { hasGiven, planKey } from '../core/pipeline/stage-keys';
import { writeChains } from '../core/planning/chains';
import { FrameHashMismatch } from '../core/stitch/frame-hash-mismatch';
import type { OverlapMatch } from '../core/stitch/types';
import { asCorrectable } from '../adapters/results/corrected-result';
import { Checkpoints } from '../adapters/store/checkpoints';
import { sha256Hex } from '../adapters/store/hash-file';
import { LineWriter } from '../adapters/store/json-lines';
import { withScratchDir } from '../adapters/store/scratch-dir';
import { chainTracks, chunkMasks } from './chunk-masks';
import type { ControlDependencies } from './dependencies';
import { withFailureMapping } from './failure-mapping';
import { findPublished } from './find-published';
import { HandOvers } from './hand-overs';
import { inParallel } from './in-parallel';
import { inSteps } from './in-steps';
import { chunkOf, contextOf, loadContext, loadJob, loadProbe, type JobContext } from './job-context';
import { withPulse } from './pulse';
import { runStage, toStageResult } from './run-stage';
import { overlapMatchSchema } from './stitch-artefacts';

/** Chunks that are looked through at one time for what they left: an S3 server takes milliseconds to say that there is nothing. */
const CLEANED_AT_ONCE = 16;
/** Chains whose tracks are read at one time: each waits for the store, and is unpacked beside the others. */
const READ_AT_ONCE = 8;

/** Small steps that need neither a GPU nor ffmpeg. */
export function createControlActivities(deps: ControlDependencies): ControlActivities {
  const { artefacts } = deps;

  async function plan(input: StageInput): Promise<PlanResult> {
    const job = await loadJob(artefacts, input);
    const outcome = await runStage(artefacts, 'plan', planKey(job, sha256Hex), async () => {
      const { info, sceneCuts } = await loadProbe(artefacts, job);
      const value = inUserWords(() => planVideo(info, sceneCuts, job.options, hasGiven(job)));
      return { json: value, summary: { positions: value.positions, chunks: value.chunks.length } };
    });
    const value = await artefacts.readKeptInput(outcome.manifest, planSchema);
    const stored = await findPublished(artefacts, (await loadContext(artefacts, input)).keys.publish());
    const published = stored === null ? undefined : await asCorrectable(artefacts, input.job.sha256, stored.artefact);
    return { ...toStageResult(outcome), positions: value.positions, chunkCount: value.chunks.length, chains: writeChains(value.chunks), ...(published && { published }) };
  }

  async function match(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const { job, plan: value, keys } = context;
    const [left, right] = [keys.chains[input.chunk ?? -1], keys.chains[(input.chunk ?? -1) + 1]];
    if (left === undefined || right === undefined) throw new VamgError('Internal', `Chain ${input.chunk} has none after it in the plan of ${keys.chains.length} chains.`);
    const outcome = await runStage(artefacts, 'match', keys.match(left.index), async (folder) => {
      const leftSide = { spec: left, tracks: chainTracks(artefacts, context, left, folder) };
      const rightSide = { spec: right, tracks: chainTracks(artefacts, context, right, folder) };
      const found = await refusingMismatch(value, () => matchNeighbours(leftSide, rightSide, job.options.planning));
      return { json: found, summary: { pairs: found.pairs.length, joined: count(found, 'joined'), ambiguous: count(found, 'ambiguous') } };
    });
    return toStageResult(outcome);
  }

  async function resolve(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const outcome = await runStage(artefacts, 'resolve', context.keys.resolve(), async () => {
      const { chunks, matches } = await gatherTracklets(context);
      const { info } = await loadProbe(artefacts, context.job);
      const identities = await inSteps(resolveChunksInSteps(chunks, matches, { planning: context.job.options.planning, sceneCuts: context.plan.sceneCuts, size: info }));
      return { json: identities, summary: { objects: identities.objects.length, joins: identities.joins.length } };
    });
    return toStageResult(outcome);
  }

  async function gatherTracklets(context: JobContext): Promise<{ chunks: ResolvableChunk[]; matches: OverlapMatch[] }> {
    const { keys } = context;
    const chunks = await inParallel(keys.chains, READ_AT_ONCE, (spec) => withScratchDir(artefacts.scratchRoot, (folder) => readResolvable(chainTracks(artefacts, context, spec, folder), spec)));
    const matches = await inParallel(keys.chains.slice(1), READ_AT_ONCE, async ({ index }) => await artefacts.readInput(await artefacts.need('match', keys.match(index - 1)), overlapMatchSchema));
    return { chunks, matches };
  }

  async function relabel(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const { index } = chunkOf(input, context.plan);
    const outcome = await runStage(artefacts, 'relabel', context.keys.relabel(index), async (folder) => {
      const file = path.join(folder, 'masks.jsonl.gz');
      return { file, summary: await writeMasks(context, index, folder, file) };
    });
    return toStageResult(outcome);
  }

  async function writeMasks(context: JobContext, index: number, folder: string, file: string): Promise<{ frames: number; masks: number }> {
    const writer = new LineWriter(file);
    let masks = 0;
    for await (const line of chunkMasks(artefacts, context, index, folder)) {
      masks += line.objects.length;
      await writer.write(JSON.stringify(line));
    }
    await writer.close();
    return { frames: writer.lines, masks };
  }

  async function cleanup(input: StageInput): Promise<StageResult> {
    const job = await loadJob(artefacts, input);
    const planned = await artefacts.find('plan', planKey(job, sha256Hex));
    if (planned === null) return { skipped: true, summary: {} };
    const value = await artefacts.readJson(planned.ref, planSchema);
    const { keys } = await contextOf(artefacts, job, value);
    const handOvers = new HandOvers(artefacts);
    await inParallel(value.chunks, CLEANED_AT_ONCE, async ({ index }) => {
      for (const key of [keys.detect(index), keys.track(index)]) await new Checkpoints(artefacts.objects, key).removeAll();
      await handOvers.remove(keys.track(index));
    });
    return { skipped: false, summary: { chunks: value.chunks.length } };
  }

  return withFailureMapping({ plan: beating(plan), match: beating(match), resolve: beating(resolve), relabel: beating(relabel), cleanup: beating(cleanup) });
}

/** The step with heartbeats. */
function beating<T>(step: (input: StageInput) => Promise<T>): (input: StageInput) => Promise<T> {
  return async (input) => await withPulse(() => step(input));
}

function count({ pairs }: OverlapMatch, decision: OverlapMatch['pairs'][number]['decision']): number {
  return pairs.filter((pair) => pair.decision === decision).length;
}

async function refusingMismatch<T>(plan: Plan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FrameHashMismatch)) throw error;
    const frame = plan.firstFrame + error.frame * plan.frameStep;
    throw new VamgError('FrameHashMismatch', `Chunks ${error.leftChunk} and ${error.rightChunk} decoded frame ${frame} to different pixels; use the same ffmpeg on all machines and run the job again.`, { details: { frame } });
  }
}
