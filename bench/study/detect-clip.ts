import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DetectionLine } from '../../contracts/artefacts';
import type { SegmentOptions } from '../../contracts/segment-options';
import type { PromptableSegmenter, RgbImage } from '../../contracts/segmenter';
import { generateMasks } from '../../core/amg/automatic-mask-generator';
import { toCocoRle } from '../../core/mask/rle-string';
import type { Clip } from './clip';

export interface ClipDetections {
  /** By position. */
  readonly lines: ReadonlyMap<number, DetectionLine>;
  /** Seconds spent, and frames on which the mask generator ran: those that were in the cache cost nothing. */
  readonly seconds: number;
  readonly computed: number;
}

/** Masks of the mask generator on some frames of a clip; results are kept in the folder. */
export async function detectClip(clip: Clip, positions: readonly number[], model: PromptableSegmenter, options: SegmentOptions, cache: string): Promise<ClipDetections> {
  const key = createHash('sha256').update(JSON.stringify([options.amg, options.inputSize])).digest('hex').slice(0, 8);
  const fileOf = (position: number): string => join(cache, `${clip.name}-${position}-${key}.det.json`);
  const missing = new Set(positions.filter((position) => !existsSync(fileOf(position))));
  let seconds = 0;
  for await (const [position, image] of imagesAt(clip, missing)) {
    const startedAt = performance.now();
    const line = await detect(position, image, model, options);
    seconds += (performance.now() - startedAt) / 1000;
    writeFileSync(fileOf(position), JSON.stringify(line));
  }
  const lines = new Map(positions.map((position) => [position, JSON.parse(readFileSync(fileOf(position), 'utf8')) as DetectionLine]));
  return { lines, seconds, computed: missing.size };
}

async function* imagesAt(clip: Clip, positions: ReadonlySet<number>): AsyncGenerator<[position: number, image: RgbImage]> {
  if (positions.size === 0) return;
  let position = Math.min(...positions);
  for await (const image of clip.images(position, Math.max(...positions) + 1)) {
    if (positions.has(position)) yield [position, image];
    position++;
  }
}

/** The mask generator on one picture, as a line of detections. */
export async function detect(position: number, image: RgbImage, model: PromptableSegmenter, options: SegmentOptions): Promise<DetectionLine> {
  const records = await generateMasks(model, image, options.amg, { embedding: await model.encode(image), exact: false });
  const masks = records.map(({ rle, predictedIou, stabilityScore, pointCoords }) => ({
    rle: { size: [rle.height, rle.width] as [number, number], counts: toCocoRle(rle).counts },
    predictedIou,
    stabilityScore,
    point: [...pointCoords] as [number, number],
  }));
  return { position, hash: String(position), masks };
}
