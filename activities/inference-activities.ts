import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InferenceActivities, StageInput, StageResult } from '../contracts/activity-types';
import type { DetectJob, InferenceResume } from '../contracts/inference';
import type { StageKeys } from '../core/pipeline/stage-keys';
import { timelinePart } from '../core/pipeline/timeline-part';
import { Checkpoints } from '../adapters/store/checkpoints';
import { gunzipFile, LineWriter } from '../adapters/store/json-lines';
import type { InferenceDependencies } from './dependencies';
import { withFailureMapping } from './failure-mapping';
import { HandOvers } from './hand-overs';
import { chunkOf, framesOf, loadContext, loadProbe, type JobContext } from './job-context';
import { runInference } from './run-inference';
import { runStage, toStageResult, type StageOutput } from './run-stage';

/** Mask generation and tracking, one chunk at a time, in the inference process. Both resume from their checkpoints. */
export function createInferenceActivities(deps: InferenceDependencies): InferenceActivities {
  const { artefacts } = deps;
  const handOvers = new HandOvers(artefacts);

  async function jobBase(context: JobContext, input: StageInput, resume: InferenceResume | null): Promise<Omit<DetectJob, 'kind'>> {
    const { job, plan, keys } = context;
    const chunk = chunkOf(input, plan);
    const { info } = await loadProbe(artefacts, job);
    // A chunk that continues another reads the frame where that stopped once more.
    const timelineStart = plan.firstFrame + (chunk.startFrame - (chunk.continuesPrevious ? 1 : 0)) * plan.frameStep;
    return {
      videoPath: await deps.sources.resolve(job.videoId),
      videoInfo: timelinePart(info, timelineStart, plan.firstFrame + (chunk.endFrame - 1) * plan.frameStep + 1),
      timelineStart,
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
    const { index, startFrame, endFrame } = chunkOf(input, context.plan);
    const frames = framesOf(context.plan, startFrame, endFrame);
    const key = context.keys.detect(index);
    const total = context.keys.detectionPositions(index).length;
    const outcome = await withoutLeftovers('detect', key, async (folder) =>
      total === 0 ? await withoutDetections(folder) : await runInference(deps, { stage: 'detect', key, chunk: index, total, frames, folder, buildJob: async (resume) => ({ kind: 'detect', ...(await jobBase(context, input, resume)) }) }),
    );
    return toStageResult(outcome);
  }

  async function track(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const { keys } = context;
    const { index, startFrame, endFrame, continuesPrevious } = chunkOf(input, context.plan);
    const key = keys.track(index);
    const outcome = await withoutLeftovers('track', key, async (folder) => {
      const packed = path.join(folder, 'detections.gz');
      await artefacts.downloadInput(await artefacts.need('detect', keys.detect(index)), packed);
      const detectionsPath = path.join(folder, 'detections.jsonl');
      await gunzipFile(packed, detectionsPath);
      const files = {
        detectionsPath,
        firstFrameMaskPath: startFrame === 0 ? await fetchFirstFrameMask(context, folder) : null,
        promptsPath: await writePrompts(keys, index, folder),
      };
      const isContinued = keys.isContinued(index);
      const buildJob = async (resume: InferenceResume | null) => ({
        kind: 'track' as const,
        ...(await jobBase(context, input, resume)),
        ...files,
        // An attempt that goes on from its own checkpoint needs nothing of the chunk before.
        continuesPath: continuesPrevious && resume === null ? await handOvers.fetch(keys, index - 1, folder) : null,
        firstFreeId: keys.firstFreeId(),
        isContinued,
      });
      const { lastCheckpoint, ...output } = await runInference(deps, { stage: 'track', key, chunk: index, total: endFrame - startFrame, frames: framesOf(context.plan, startFrame, endFrame), folder, buildJob });
      if (isContinued) await handOvers.publish(key, lastCheckpoint, folder);
      return output;
    });
    if (continuesPrevious) await handOvers.remove(keys.track(index - 1));
    return toStageResult(outcome);
  }

  /**
   * As runStage, and once the artefact is stored no checkpoint is left: also when another attempt stored it while this one, cut off or
   * stopped for a while, was still writing its own.
   */
  async function withoutLeftovers(stage: 'detect' | 'track', key: string, compute: Parameters<typeof runStage>[3]): ReturnType<typeof runStage> {
    const remove = (): Promise<void> => new Checkpoints(artefacts.objects, key).removeAll();
    let outcome: Awaited<ReturnType<typeof runStage>>;
    try {
      outcome = await runStage(artefacts, stage, key, compute);
    } catch (error) {
      const winner = await artefacts.find(stage, key).catch(() => null);
      if (winner !== null) await remove().catch(() => undefined);
      throw error;
    }
    await remove();
    return outcome;
  }

  async function fetchFirstFrameMask({ job }: JobContext, folder: string): Promise<string | null> {
    if (job.firstFrameMask === null) return null;
    const file = path.join(folder, 'first-frame.png');
    await writeFile(file, await artefacts.readData(job.firstFrameMask));
    return file;
  }

  /** What the user says of objects in a chunk. */
  async function writePrompts(keys: StageKeys, index: number, folder: string): Promise<string | null> {
    const prompts = keys.prompts(index);
    if (prompts.length === 0) return null;
    const file = path.join(folder, 'prompts.json');
    await writeFile(file, JSON.stringify(prompts));
    return file;
  }

  return withFailureMapping({ detect, track });
}

/** The artefact of a chunk on which the mask generator does not run. */
async function withoutDetections(folder: string): Promise<StageOutput> {
  const file = path.join(folder, 'detect.gz');
  await new LineWriter(file).close();
  return { file, summary: { lines: 0, inferenceMs: 0 } };
}
