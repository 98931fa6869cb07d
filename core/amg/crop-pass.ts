import type { AmgOptions } from '../../contracts/amg-options';
import type { ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';
import type { BoxXyxy } from '../geometry/boxes';
import type { LogitCuts } from './logit-scan';
import type { PointMasks } from './point-masks';
import { decodePointMasks } from './point-masks';
import type { MaskTable } from './mask-table';

/** One crop of one picture, encoded. */
export interface CropTask {
  readonly embedding: ImageEmbedding;
  /** The crop in picture pixels. */
  readonly box: BoxXyxy;
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** [count, 2] points in pixels of the crop. */
  readonly points: Float32Array;
  readonly options: AmgOptions;
}

/** Turns batches of decoded masks into rows; two kinds: exact (SAM's order) and fast (filters before it resizes). */
export interface MaskCollector {
  add(masks: PointMasks, points: Float32Array): void;
  /** Rows after non-maximum suppression inside the crop, in picture coordinates. */
  finish(): MaskTable;
}

/** Run all points of a crop through the decoder, pointsPerBatch at a time. */
export async function runCropPass(
  segmenter: PromptableSegmenter,
  task: CropTask,
  collector: MaskCollector,
  onlyPromising: boolean,
  onBatch: (points: number) => void,
  signal?: AbortSignal,
): Promise<MaskTable> {
  const { points, options } = task;
  const step = options.pointsPerBatch * 2;
  for (let from = 0; from < points.length; from += step) {
    signal?.throwIfAborted();
    const batch = points.slice(from, from + step);
    const masks = await decodePointMasks(segmenter, task.embedding, batch, options, onlyPromising, signal);
    collector.add(masks, batch);
    masks.decoded.release?.();
    onBatch(batch.length / 2);
  }
  signal?.throwIfAborted();
  return collector.finish();
}

export function logitCuts(options: Pick<AmgOptions, 'maskThreshold' | 'stabilityScoreOffset'>): LogitCuts {
  const mid = options.maskThreshold;
  return { low: mid - options.stabilityScoreOffset, mid, high: mid + options.stabilityScoreOffset };
}
