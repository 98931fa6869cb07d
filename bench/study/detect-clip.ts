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
  /** By position: the first frame and every `detectEvery`-th after it. */
  readonly lines: ReadonlyMap<number, DetectionLine>;
  /** Per detection frame; those that were in the cache count as nothing. */
  readonly seconds: number;
}

/** Runs the mask generator on the detection frames of the first `frames` frames of a clip; results are kept in the folder. */
export async function detectClip(clip: Clip, frames: number, model: PromptableSegmenter, options: SegmentOptions, cache: string): Promise<ClipDetections> {
  const key = createHash('sha256').update(JSON.stringify([options.amg, options.inputSize])).digest('hex').slice(0, 8);
  const lines = new Map<number, DetectionLine>();
  let seconds = 0;
  let position = 0;
  for await (const image of clip.images(0, frames)) {
    if (position % options.tracking.detectEvery === 0) {
      const file = join(cache, `${clip.name}-${position}-${key}.det.json`);
      if (existsSync(file)) lines.set(position, JSON.parse(readFileSync(file, 'utf8')) as DetectionLine);
      else {
        const startedAt = performance.now();
        const line = await detect(position, image, model, options);
        seconds += (performance.now() - startedAt) / 1000;
        writeFileSync(file, JSON.stringify(line));
        lines.set(position, line);
      }
    }
    position++;
  }
  return { lines, seconds: seconds / Math.max(1, lines.size) };
}

async function detect(position: number, image: RgbImage, model: PromptableSegmenter, options: SegmentOptions): Promise<DetectionLine> {
  const records = await generateMasks(model, image, options.amg, { embedding: await model.encode(image), exact: false });
  const masks = records.map(({ rle, predictedIou, stabilityScore, pointCoords }) => ({
    rle: { size: [rle.height, rle.width] as [number, number], counts: toCocoRle(rle).counts },
    predictedIou,
    stabilityScore,
    point: [...pointCoords] as [number, number],
  }));
  return { position, hash: String(position), masks };
}
