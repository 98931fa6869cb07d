import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ResultRequest } from '../activities/media-tools';
import { maskLineSchema } from '../contracts/pipeline-artefacts';
import { ResultFigures } from '../core/pipeline/result-figures';
import { seamsOf } from '../core/planning/seams';

/** The contents of result.json, from one pass over the masks. Memory grows with the number of objects, not of frames. */
export async function summariseResult({ job, jobRef, info, plan, identities, labels, masksPath, inferenceMs }: ResultRequest): Promise<Readonly<Record<string, unknown>>> {
  const figures = new ResultFigures();
  for await (const text of createInterface({ input: createReadStream(masksPath), crlfDelay: Infinity })) figures.add(maskLineSchema.parse(JSON.parse(text)));
  const { objects, masks, flicker } = figures.result(labels);
  const { joins, reidentifications } = identities;
  const count = (list: readonly { readonly decision: string }[], decision: string): number => list.filter((one) => one.decision === decision).length;
  return {
    schemaVersion: 1,
    video: {
      id: job.videoId,
      name: job.videoName,
      width: info.width,
      height: info.height,
      frames: info.pts.length,
      durationSeconds: info.durationSeconds,
      codec: info.codec,
      rotation: info.rotation,
      isVariableFrameRate: info.isVariableFrameRate,
      frameRate: info.nominalFrameRate,
      decodeErrors: info.decodeErrors,
    },
    options: job.options,
    model: job.model,
    codeVersion: job.codeVersion,
    job: jobRef,
    counts: { processedFrames: plan.positions, chunks: plan.chunks.length, scenes: plan.sceneCuts.length + 1, objects: objects.length, masks },
    range: { firstFrame: plan.firstFrame, frameStep: plan.frameStep },
    /** First frame of each scene but the first. */
    sceneCuts: plan.sceneCuts.map((position) => plan.firstFrame + position * plan.frameStep),
    objects,
    lineage: identities.lineage,
    stitch: {
      borders: plan.chunks.length - 1,
      seams: seamsOf(plan),
      joined: count(joins, 'joined'),
      ambiguous: count(joins, 'ambiguous'),
      reidentified: count(reidentifications, 'joined'),
      suggested: count(reidentifications, 'suggested'),
      dropped: identities.dropped.length,
    },
    flicker,
    timings: { inferenceSeconds: Math.round(inferenceMs) / 1000 },
  };
}
