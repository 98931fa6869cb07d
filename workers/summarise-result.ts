import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ResultRequest } from '../activities/media-tools';
import { maskLineSchema } from '../contracts/pipeline-artefacts';
import { fromCocoRle } from '../core/mask/rle-string';
import { FlickerScorer } from '../core/metrics/flicker';
import { seamsOf } from '../core/planning/seams';

interface ObjectFigures {
  id: number;
  firstFrame: number;
  lastFrame: number;
  frames: number;
  meanArea: number;
  meanScore: number;
}

/** The contents of result.json, from one pass over the masks. Memory grows with the number of objects, not of frames. */
export async function summariseResult({ job, jobRef, info, plan, identities, labels, masksPath, inferenceMs }: ResultRequest): Promise<Readonly<Record<string, unknown>>> {
  const objects = new Map<number, ObjectFigures>();
  const flicker = new FlickerScorer();
  let masks = 0;
  for await (const text of createInterface({ input: createReadStream(masksPath), crlfDelay: Infinity })) {
    const line = maskLineSchema.parse(JSON.parse(text));
    flicker.addFrame(new Map(line.objects.map((object) => [object.id, fromCocoRle(object.segmentation)] as const)));
    for (const { id, area, score } of line.objects) {
      const known = objects.get(id) ?? { id, firstFrame: line.frame, lastFrame: line.frame, frames: 0, meanArea: 0, meanScore: 0 };
      objects.set(id, { ...known, lastFrame: line.frame, frames: known.frames + 1, meanArea: known.meanArea + area, meanScore: known.meanScore + score });
      masks++;
    }
  }
  const list = [...objects.values()].sort((a, b) => a.id - b.id);
  const { objects: flickerOf, ...flickerTotal } = flicker.result();
  const flickerById = new Map(flickerOf.map(({ id, shapeChange, areaJitter, visibilityTogglesPer100 }) => [id, { shapeChange, areaJitter, visibilityTogglesPer100 }]));
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
    counts: { processedFrames: plan.positions, chunks: plan.chunks.length, scenes: plan.sceneCuts.length + 1, objects: list.length, masks },
    range: { firstFrame: plan.firstFrame, frameStep: plan.frameStep },
    /** First frame of each scene but the first. */
    sceneCuts: plan.sceneCuts.map((position) => plan.firstFrame + position * plan.frameStep),
    objects: list.map((object) => ({
      ...object,
      ...(labels.has(object.id) && { label: labels.get(object.id) }),
      meanArea: round(object.meanArea / object.frames, 1),
      meanScore: round(object.meanScore / object.frames, 4),
      flicker: flickerById.get(object.id) ?? null,
    })),
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
    flicker: flickerTotal,
    timings: { inferenceSeconds: round(inferenceMs / 1000, 3) },
  };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
