import type { RgbImage } from '../../contracts/segmenter';
import { generateMasks, type AmgProgress } from '../../core/amg/automatic-mask-generator';
import type { MaskRecord } from '../../core/amg/mask-record';
import { ensureBundle } from '../../models/bundles';
import { openImageSegmenter } from '../../models/open-networks';
import type { ImageOptions } from './image-options';

export interface SegmentedImage {
  readonly records: MaskRecord[];
  readonly bundle: { readonly name: string; readonly sha256: string };
  /** Milliseconds inside the networks, and of the whole generator with them. */
  readonly inferenceMs: number;
  readonly totalMs: number;
}

export interface ImageObserver {
  note(text: string): void;
  progress(progress: AmgProgress): void;
}

/** Load the model in this process and run the mask generator once. */
export async function segmentImage(image: RgbImage, options: ImageOptions, observer: ImageObserver): Promise<SegmentedImage> {
  const bundle = await ensureBundle(options.model, { log: (line) => observer.note(line) });
  const segmenter = await openImageSegmenter(bundle, options.inputSize, { device: options.device, onLog: (line) => observer.note(line) });
  try {
    const startedAt = performance.now();
    const records = await generateMasks(segmenter, image, options.amg, { exact: true, onBatch: (progress) => observer.progress(progress) });
    const totalMs = Math.round(performance.now() - startedAt);
    return { records, bundle: { name: bundle.name, sha256: bundle.sha256 }, inferenceMs: Math.round(segmenter.inferenceMs()), totalMs };
  } finally {
    await segmenter.dispose();
  }
}
