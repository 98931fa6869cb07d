import type { DetectionLine } from '../../contracts/artefacts';
import type { DetectJob } from '../../contracts/inference';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import { generateMasks } from '../../core/amg/automatic-mask-generator';
import type { ChunkFrame } from '../../core/tracking/chunk-tracker';
import { encodeAhead } from '../../core/tracking/encode-ahead';
import { toCocoRle } from '../../core/mask/rle-string';
import { cooperativeSegmenter } from './cooperative-network';
import type { JobContext } from './job-context';
import { groupByStride } from './position-runs';
import { readRun } from './read-run';

const NO_CHECKPOINT_STATE = new Uint8Array(0);

/** Run the mask generator on the detection frames of a chunk; one line per frame, each a checkpoint of its own. */
export async function runDetectJob(job: DetectJob, segmenter: PromptableSegmenter, context: JobContext): Promise<undefined> {
  const total = job.detectionPositions.length;
  let done = job.resume?.linesDone ?? 0;
  let objects = 0;
  const startMs = segmenter.inferenceMs();
  const report = (): void => context.progress({ done, total, objects, inferenceMs: segmenter.inferenceMs() - startMs });
  const read = framesAt(job, job.detectionPositions.slice(done), context.signal);
  const ahead = encodeAhead(read, segmenter);
  const cooperative = cooperativeSegmenter(ahead.segmenter, context.signal, report);
  for await (const { position, image, hash } of ahead.frames) {
    const records = await generateMasks(cooperative, image, job.options.amg, { signal: context.signal, exact: false });
    const line: DetectionLine = {
      position,
      hash,
      masks: records.map((record) => ({
        rle: toCocoRle(record.rle) as DetectionLine['masks'][number]['rle'],
        predictedIou: round4(record.predictedIou),
        stabilityScore: round4(record.stabilityScore),
        point: [round4(record.pointCoords[0]), round4(record.pointCoords[1])],
      })),
    };
    done++;
    objects = records.length;
    await context.emit([JSON.stringify(line)], NO_CHECKPOINT_STATE, done);
    report();
  }
  return undefined;
}

/** Frames at these positions, in order. Evenly spaced positions are read in one go. */
async function* framesAt(job: DetectJob, positions: readonly number[], signal: AbortSignal): AsyncGenerator<ChunkFrame> {
  for (const run of groupByStride(positions)) yield* readRun(job, run, signal);
}

function round4(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
