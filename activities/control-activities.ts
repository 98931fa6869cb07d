import path from 'node:path';
import type { ControlActivities, PlanResult, StageInput, StageResult } from '../contracts/activity-types';
import { planSchema, type Plan } from '../contracts/artefacts';
import { VamgError } from '../contracts/errors';
import { frameTimeSeconds } from '../contracts/video-info';
import { inUserWords } from '../contracts/in-user-words';
import { planVideo } from '../core/pipeline/plan-video';
import { relabelFrame } from '../core/pipeline/relabel-frame';
import { planKey } from '../core/pipeline/stage-keys';
import { FrameHashMismatch } from '../core/stitch/frame-hash-mismatch';
import { matchOverlap } from '../core/stitch/match-overlap';
import type { ChunkTracklets } from '../core/stitch/resolve-identities';
import { resolveWithReidentification, type TrackletLook } from '../core/stitch/resolve-with-reidentification';
import type { OverlapMatch, TrackletKey } from '../core/stitch/types';
import { Checkpoints } from '../adapters/store/checkpoints';
import { sha256Hex } from '../adapters/store/hash-file';
import { LineWriter } from '../adapters/store/json-lines';
import { withScratchDir } from '../adapters/store/scratch-dir';
import type { ControlDependencies } from './dependencies';
import { withFailureMapping } from './failure-mapping';
import { chunkOf, contextOf, loadContext, loadJob, loadProbe, type JobContext } from './job-context';
import { overlapWindow, readLooks, readOverlapSide, readTracklets } from './match-window';
import { runStage, toStageResult } from './run-stage';
import { identityMapSchema, overlapMatchSchema } from './stitch-artefacts';
import { TracksFile } from './tracks-file';

/** Small steps that need neither a GPU nor ffmpeg. */
export function createControlActivities(deps: ControlDependencies): ControlActivities {
  const { artefacts } = deps;

  async function plan(input: StageInput): Promise<PlanResult> {
    const job = await loadJob(artefacts, input);
    const outcome = await runStage(artefacts, 'plan', planKey(job, sha256Hex), async () => {
      const { info, sceneCuts } = await loadProbe(artefacts, job);
      const value = inUserWords(() => planVideo(info, sceneCuts, job.options.planning));
      return { json: value, summary: { positions: value.positions, chunks: value.chunks.length } };
    });
    const value = await artefacts.readInput(outcome.manifest, planSchema);
    const { keys } = await contextOf(artefacts, job, value);
    const followsFrom = value.chunks.find(({ index }) => keys.followsPrevious(index))?.index ?? null;
    return { ...toStageResult(outcome), positions: value.positions, chunkCount: value.chunks.length, followsFrom };
  }

  async function match(input: StageInput): Promise<StageResult> {
    const { job, plan: value, keys } = await loadContext(artefacts, input);
    const left = chunkOf(input, value);
    const right = chunkOf({ ...input, chunk: left.index + 1 }, value);
    const outcome = await runStage(artefacts, 'match', keys.match(left.index), async (folder) => {
      const window = overlapWindow(left, right);
      const leftSide = await readOverlapSide(await TracksFile.fetch(artefacts, keys, left, folder), left.index, window);
      const rightSide = await readOverlapSide(await TracksFile.fetch(artefacts, keys, right, folder), right.index, window);
      const found = refusingMismatch(value, () => matchOverlap(leftSide, rightSide, job.options.planning));
      return { json: found, summary: { pairs: found.pairs.length, joined: found.pairs.filter((pair) => pair.decision === 'joined').length } };
    });
    return toStageResult(outcome);
  }

  async function resolve(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const outcome = await runStage(artefacts, 'resolve', context.keys.resolve(), async () => {
      const { chunks, matches, looks } = await gatherTracklets(context);
      const { info } = await loadProbe(artefacts, context.job);
      const { planning } = context.job.options;
      const lookOf = ({ chunkIndex, localId }: TrackletKey): TrackletLook | undefined => looks.get(chunkIndex)?.get(localId);
      const span = Math.max(info.width, info.height);
      const identities = resolveWithReidentification(chunks, matches, { ...planning, lookOf, span, sceneCuts: context.plan.sceneCuts });
      return { json: identities, summary: { objects: identities.objects.length, joins: identities.joins.length } };
    });
    return toStageResult(outcome);
  }

  async function gatherTracklets({ plan: value, keys }: JobContext): Promise<{ chunks: ChunkTracklets[]; matches: OverlapMatch[]; looks: Map<number, Map<number, TrackletLook>> }> {
    const chunks: ChunkTracklets[] = [];
    const matches: OverlapMatch[] = [];
    const looks = new Map<number, Map<number, TrackletLook>>();
    for (const spec of value.chunks) {
      await withScratchDir(artefacts.scratchRoot, async (folder) => {
        const tracks = await TracksFile.fetch(artefacts, keys, spec, folder);
        chunks.push({ spec, tracklets: await readTracklets(tracks, spec) });
        looks.set(spec.index, await readLooks(tracks));
      });
      if (spec.index > 0) matches.push(await artefacts.readInput(await artefacts.need('match', keys.match(spec.index - 1)), overlapMatchSchema));
    }
    return { chunks, matches, looks };
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
    const { job, plan: value, keys } = context;
    const chunk = value.chunks[index]!;
    const { info } = await loadProbe(artefacts, job);
    const identities = await artefacts.readInput(await artefacts.need('resolve', keys.resolve()), identityMapSchema);
    const tracks = await TracksFile.fetch(artefacts, keys, chunk, folder);
    const next = value.chunks[index + 1];
    const nextLines = next === undefined ? null : (await TracksFile.fetch(artefacts, keys, next, folder)).lines(next.startFrame, chunk.ownedEnd);
    const writer = new LineWriter(file);
    let masks = 0;
    for await (const line of tracks.lines(chunk.ownedStart, chunk.ownedEnd)) {
      const frame = value.firstFrame + line.position * value.frameStep;
      const sources = [{ assignments: identities.chunks[index]!, objects: line.objects }];
      if (next !== undefined && line.position >= next.startFrame) {
        const seen = await nextLines?.next();
        if (seen?.done === false) sources.push({ assignments: identities.chunks[index + 1]!, objects: seen.value.objects });
      }
      const labelled = relabelFrame({ position: line.position, frame, timeSeconds: frameTimeSeconds(info, frame), sources });
      masks += labelled.objects.length;
      await writer.write(JSON.stringify(labelled));
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
    for (const { index } of value.chunks)
      for (const key of [keys.detect(index), keys.track(index)]) await new Checkpoints(artefacts.objects, key).removeAll();
    return { skipped: false, summary: { chunks: value.chunks.length } };
  }

  return withFailureMapping({ plan, match, resolve, relabel, cleanup });
}

function refusingMismatch<T>(plan: Plan, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FrameHashMismatch)) throw error;
    const frame = plan.firstFrame + error.frame * plan.frameStep;
    throw new VamgError('FrameHashMismatch', `Chunks ${error.leftChunk} and ${error.rightChunk} decoded frame ${frame} to different pixels; use the same ffmpeg on all machines and run the job again.`, { details: { frame } });
  }
}
