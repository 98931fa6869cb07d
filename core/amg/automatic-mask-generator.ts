import type { AmgOptions } from '../../contracts/amg-options';
import type { ImageEmbedding, PromptableSegmenter, RgbImage } from '../../contracts/segmenter';
import { boxArea } from '../geometry/boxes';
import { maskNms, nms } from '../geometry/nms';
import { generateCropBoxes, type CropBox } from './crop-boxes';
import { cropImage } from './crop-image';
import { runCropPass, type CropTask } from './crop-pass';
import { ExactCollector } from './exact-collector';
import { FastCollector } from './fast-collector';
import { keepFilling } from './fill-uncovered';
import type { MaskRecord } from './mask-record';
import { MaskTable } from './mask-table';
import { novelPoints } from './novel-points';
import { buildLayerGrids, type PointGrid } from './point-grid';
import { postprocessSmallRegions } from './small-regions';

export interface AmgProgress {
  /** Points prompted so far, and in all; with `pointNovelty` the sum falls when a crop's points are chosen. */
  readonly pointsDone: number;
  readonly pointsTotal: number;
}

export interface AmgContext {
  readonly signal?: AbortSignal;
  /** Encoder output of the whole picture, when there already is one. */
  readonly embedding?: ImageEmbedding;
  readonly onBatch?: (progress: AmgProgress) => void;
  /**
   * true (default): SAM's order of operations at full resolution. false: filters run on the low-resolution masks and only
   * the survivors are resized; nearly the same masks for less work.
   */
  readonly exact?: boolean;
  /** Prompt only where this is true; x, y in picture pixels. */
  readonly pointFilter?: (x: number, y: number) => boolean;
}

/**
 * SAM's automatic mask generator (Kirillov et al. 2023; segment_anything/automatic_mask_generator.py): prompt a grid of
 * points, keep confident and stable masks, drop duplicates. Records come in SAM's order: by predicted IoU within a crop, by
 * ascending crop size between crops; after `minMaskRegionArea`, unchanged masks first; masks that only fill (see keepFilling) come last.
 * @throws VamgError BadConfig for options that do not fit together, the segmenter's errors, the signal's reason.
 */
export async function generateMasks(segmenter: PromptableSegmenter, image: RgbImage, options: AmgOptions, context: AmgContext = {}): Promise<MaskRecord[]> {
  checkImage(image, context.embedding);
  const grids = buildLayerGrids(options);
  const crops = generateCropBoxes(image.width, image.height, options.cropNLayers, options.cropOverlapRatio);
  const points = crops.map((crop) => gridPoints(crop, grids[crop.layer]!, context.pointFilter));
  let pointsTotal = points.reduce((sum, list) => sum + list.length / 2, 0);
  let pointsDone = 0;
  const onBatch = (count: number): void => {
    pointsDone += count;
    context.onBatch?.({ pointsDone, pointsTotal });
  };
  let table = new MaskTable();
  for (const [i, crop] of crops.entries()) {
    if (points[i]!.length === 0) continue;
    const reusable = crop.layer === 0 ? context.embedding : undefined;
    const embedding = reusable ?? (await segmenter.encode(cropImage(image, crop.box), context.signal));
    const prompted = novelPoints(embedding, points[i]!, options.pointNovelty);
    pointsTotal -= (points[i]!.length - prompted.length) / 2;
    const task: CropTask = { embedding, box: crop.box, imageWidth: image.width, imageHeight: image.height, points: prompted, options };
    const exact = context.exact ?? true;
    table.append(await runCropPass(segmenter, task, exact ? new ExactCollector(task) : new FastCollector(task), !exact, onBatch, context.signal));
  }
  if (crops.length > 1) {
    const scores = table.crops.map((crop) => 1 / boxArea(crop));
    table = table.select(nms(table.boxes, scores, options.cropNmsThresh));
  }
  table = postprocessSmallRegions(table, options.minMaskRegionArea, Math.max(options.boxNmsThresh, options.cropNmsThresh));
  if (options.maskNmsThresh < 1) table = table.select(keepDistinct(table, options.maskNmsThresh));
  return keepFilling(table, options).toRecords();
}

/** Grid points of a crop in crop pixels, as [count, 2]; only those that the filter lets through. */
function gridPoints(crop: CropBox, grid: PointGrid, filter: AmgContext['pointFilter']): Float32Array {
  const [x0, y0, x1, y1] = crop.box;
  const out: number[] = [];
  for (const [u, v] of grid) {
    const x = u * (x1 - x0);
    const y = v * (y1 - y0);
    if (!filter || filter(x + x0, y + y0)) out.push(x, y);
  }
  return Float32Array.from(out);
}

/** Our addition: drop masks that overlap a better one by mask IoU; the order of the rest stays. */
function keepDistinct(table: MaskTable, maskNmsThresh: number): number[] {
  return maskNms(table.rles, table.predictedIous, maskNmsThresh).sort((a, b) => a - b);
}

function checkImage(image: RgbImage, embedding: ImageEmbedding | undefined): void {
  const { width, height, data } = image;
  if (!(width > 0 && height > 0) || data.length !== width * height * 3) throw new RangeError(`a ${width}x${height} picture needs ${width * height * 3} bytes, got ${data.length}`);
  if (embedding && (embedding.imageWidth !== width || embedding.imageHeight !== height))
    throw new RangeError(`the embedding is of a ${embedding.imageWidth}x${embedding.imageHeight} picture, not ${width}x${height}`);
}
