import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InferenceActivities, StageInput, StageResult } from '../contracts/activity-types';
import type { Plan } from '../contracts/artefacts';
import type { DetectJob, InferenceResume } from '../contracts/inference';
import type { GivenPrompt } from '../contracts/prompts';
import { HandOver } from '../core/pipeline/hand-over';
import { overlapWindow } from '../core/pipeline/match-window';
import type { StageKeys } from '../core/pipeline/stage-keys';
import { Checkpoints } from '../adapters/store/checkpoints';
import { gunzipFile, LineWriter } from '../adapters/store/json-lines';
import type { InferenceDependencies } from './dependencies';
import { withFailureMapping } from './failure-mapping';
import { chunkOf, loadContext, loadProbe, type JobContext } from './job-context';
import { runInference } from './run-inference';
import { runStage, toStageResult, type StageOutput } from './run-stage';
import { TracksFile } from './tracks-file';

/** Mask generation and tracking, one chunk at a time, in the inference process. Both resume from their checkpoints. */
export function createInferenceActivities(deps: InferenceDependencies): InferenceActivities {
  const { artefacts } = deps;

  async function jobBase(context: JobContext, input: StageInput, resume: InferenceResume | null): Promise<Omit<DetectJob, 'kind'>> {
    const { job, plan, keys } = context;
    const chunk = chunkOf(input, plan);
    const { info } = await loadProbe(artefacts, job);
    return {
      videoPath: await deps.sources.resolve(job.videoId),
      videoInfo: info,
      frames: { firstFrame: plan.firstFrame, frameStep: plan.frameStep, startPosition: chunk.startFrame, endPosition: chunk.endFrame },
      sceneCuts: keys.sceneCuts(chunk.index),
      detectionPositions: keys.detectionPositions(chunk.index),
      options: job.options,
      model: job.model,
      inputSize: job.options.inputSize,
      device: job.options.device,
      resume,
    };
  }

  async function detect(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const { index } = chunkOf(input, context.plan);
    const key = context.keys.detect(index);
    const total = context.keys.detectionPositions(index).length;
    const outcome = await runStage(artefacts, 'detect', key, async (folder) =>
      total === 0 ? await withoutDetections(folder) : await runInference(deps, { stage: 'detect', key, chunk: index, total, folder, buildJob: async (resume) => ({ kind: 'detect', ...(await jobBase(context, input, resume)) }) }),
    );
    await new Checkpoints(artefacts.objects, key).removeAll();
    return toStageResult(outcome);
  }

  async function track(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const { index, startFrame, endFrame } = chunkOf(input, context.plan);
    const key = context.keys.track(index);
    const outcome = await runStage(artefacts, 'track', key, async (folder) => {
      const packed = path.join(folder, 'detections.gz');
      await artefacts.downloadInput(await artefacts.need('detect', context.keys.detect(index)), packed);
      const detectionsPath = path.join(folder, 'detections.jsonl');
      await gunzipFile(packed, detectionsPath);
      const firstFrameMaskPath = startFrame === 0 ? await fetchFirstFrameMask(context, folder) : null;
      const promptsPath = await writePrompts(context, index, folder);
      const buildJob = async (resume: InferenceResume | null) => ({ kind: 'track' as const, ...(await jobBase(context, input, resume)), detectionsPath, firstFrameMaskPath, promptsPath });
      return await runInference(deps, { stage: 'track', key, chunk: index, total: endFrame - startFrame, folder, buildJob });
    });
    await new Checkpoints(artefacts.objects, key).removeAll();
    return toStageResult(outcome);
  }

  async function fetchFirstFrameMask({ job }: JobContext, folder: string): Promise<string | null> {
    if (job.firstFrameMask === null) return null;
    const file = path.join(folder, 'first-frame.png');
    await writeFile(file, await artefacts.readData(job.firstFrameMask));
    return file;
  }

  /** What the user says of objects in a chunk, and the given objects that the chunk before has followed up to it. */
  async function writePrompts({ plan, keys }: JobContext, index: number, folder: string): Promise<string | null> {
    const prompts = keys.followsPrevious(index) ? await takeOver(plan, keys, index, folder) : keys.prompts(index);
    if (prompts.length === 0) return null;
    const file = path.join(folder, 'prompts.json');
    await writeFile(file, JSON.stringify(prompts));
    return file;
  }

  async function takeOver({ chunks }: Plan, keys: StageKeys, index: number, folder: string): Promise<GivenPrompt[]> {
    const [before, chunk] = [chunks[index - 1]!, chunks[index]!];
    const tracks = await TracksFile.fetch(artefacts, keys, before, folder);
    const givenIds = new Map((await tracks.tracklets()).flatMap(({ localId, givenId }) => (givenId === undefined ? [] : [[localId, givenId]])));
    const handOver = new HandOver(givenIds, keys.prompts(index));
    const window = overlapWindow(before, chunk);
    if (givenIds.size > 0) for await (const line of tracks.lines(window.start, window.end)) handOver.add(line);
    return handOver.result();
  }

  return withFailureMapping({ detect, track });
}

/** The artefact of a chunk on which the mask generator does not run. */
async function withoutDetections(folder: string): Promise<StageOutput> {
  const file = path.join(folder, 'detect.gz');
  await new LineWriter(file).close();
  return { file, summary: { lines: 0, inferenceMs: 0 } };
}
