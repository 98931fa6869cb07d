import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CorrectInput, CorrectResult, MediaActivities, PublishResult, StageInput, StageResult } from '../contracts/activity-types';
import type { ObjectRef } from '../contracts/object-ref';
import { overlayReach } from '../contracts/overlay-look';
import { resultManifestSchema, type RenderArtefact } from '../contracts/pipeline-artefacts';
import { probeKey } from '../core/pipeline/stage-keys';
import { asCorrectable } from '../adapters/results/corrected-result';
import { sha256Hex } from '../adapters/store/hash-file';
import { gunzipFile, LineWriter } from '../adapters/store/json-lines';
import { chunkMasks } from './chunk-masks';
import { correctResult } from './correct-result';
import type { MediaDependencies } from './dependencies';
import { withFailureMapping } from './failure-mapping';
import { startHeartbeat } from './heartbeat';
import { chunkOf, framesOf, loadContext, loadJob, loadProbe, type JobContext } from './job-context';
import { composeResult } from './compose-result';
import { withPulse } from './pulse';
import { runStage, toStageResult } from './run-stage';

/** Seconds in which ffmpeg must deliver something. */
const STALL_SECONDS = 180;

/** Steps that read or write films. */
export function createMediaActivities(deps: MediaDependencies): MediaActivities {
  const { artefacts, media, sources, promised } = deps;

  async function probe(input: StageInput): Promise<StageResult> {
    const job = await loadJob(artefacts, input);
    const outcome = await runStage(artefacts, 'probe', probeKey(job, sha256Hex), async () => {
      const beat = startHeartbeat({ stage: 'probe', chunk: 0, done: 0, total: 0, objects: 0, inferenceMs: 0 }, STALL_SECONDS);
      try {
        const { info, sceneCuts } = await media.probe(await sources.resolve(job.videoId), beat.signal, (frames) => beat.report({ done: frames }), promised.take(job.videoId));
        return { json: { schemaVersion: 1, info, sceneCuts }, summary: { frames: info.pts.length, scenes: sceneCuts.length + 1, width: info.width, height: info.height } };
      } finally {
        beat.stop();
      }
    });
    return toStageResult(outcome);
  }

  async function render(input: StageInput): Promise<StageResult> {
    const context = await loadContext(artefacts, input);
    const { job, plan, keys } = context;
    const chunk = chunkOf(input, plan);
    const outcome = await runStage(artefacts, 'render', keys.render(chunk.index), async (folder) => {
      const total = chunk.ownedEnd - chunk.ownedStart;
      const beat = startHeartbeat({ stage: 'render', chunk: chunk.index, done: 0, total, objects: 0, inferenceMs: 0, ...framesOf(plan, chunk.ownedStart, chunk.ownedEnd) }, STALL_SECONDS);
      try {
        const { overlay, viewer } = job.options.output;
        const leadPosition = overlay ? Math.max(0, chunk.ownedStart - overlayReach(job.options.output) + 1) : chunk.ownedStart;
        const masksPath = await fetchMasks(context, chunk.index, leadPosition, folder);
        const overlayPath = overlay ? path.join(folder, 'overlay.mp4') : null;
        const previewPath = viewer ? path.join(folder, 'preview.mp4') : null;
        const { info } = await loadProbe(artefacts, job);
        const videoPath = await sources.resolve(job.videoId);
        const range = { startPosition: chunk.ownedStart, endPosition: chunk.ownedEnd };
        await media.renderChunk({ videoPath, info, plan, ...range, masksPath, leadPosition, look: job.options.output, overlayPath, previewPath, signal: beat.signal, onProgress: (done) => beat.report({ done }) });
        const store = async (file: string | null): Promise<ObjectRef | null> => (file === null ? null : await artefacts.putDataFile(file));
        const value: RenderArtefact = { schemaVersion: 1, overlay: await store(overlayPath), preview: await store(previewPath) };
        return { json: value, summary: { frames: total } };
      } finally {
        beat.stop();
      }
    });
    return toStageResult(outcome);
  }

  /** The lines of masks.jsonl from `from` on up to the end of a chunk. Those of chunks before it may not be in the store yet: they come from the tracks. */
  async function fetchMasks(context: JobContext, index: number, from: number, folder: string): Promise<string> {
    const { keys, plan } = context;
    const packed = path.join(folder, 'masks.gz');
    await artefacts.downloadInput(await artefacts.need('relabel', keys.relabel(index)), packed);
    const masksPath = path.join(folder, 'masks.jsonl');
    await gunzipFile(packed, masksPath);
    if (from >= plan.chunks[index]!.ownedStart) return masksPath;
    const withLead = path.join(folder, 'masks-with-lead.jsonl');
    const writer = new LineWriter(withLead, { gzip: false });
    for (const before of plan.chunks.slice(0, index))
      if (before.ownedEnd > from) for await (const line of chunkMasks(artefacts, context, before.index, folder, from)) await writer.write(JSON.stringify(line));
    for await (const text of createInterface({ input: createReadStream(masksPath), crlfDelay: Infinity })) await writer.write(text);
    await writer.close();
    return withLead;
  }

  async function publish(input: StageInput): Promise<PublishResult> {
    const context = await loadContext(artefacts, input);
    const outcome = await runStage(artefacts, 'publish', context.keys.publish(), async (folder) => {
      const beat = startHeartbeat({ stage: 'publish', chunk: 0, done: 0, total: context.plan.chunks.length, objects: 0, inferenceMs: 0 }, STALL_SECONDS);
      try {
        const { files, objects, frames } = await composeResult(deps, context, folder, beat);
        return { json: resultManifestSchema.parse({ schemaVersion: 1, files }), summary: { objects, frames } };
      } finally {
        beat.stop();
      }
    });
    return { ...toStageResult(outcome), ...(await asCorrectable(artefacts, input.job.sha256, outcome.manifest)) };
  }

  async function correct(input: CorrectInput): Promise<CorrectResult> {
    return await withPulse((signal) => correctResult(deps, input, signal));
  }

  return withFailureMapping({ probe, render, publish, correct });
}
