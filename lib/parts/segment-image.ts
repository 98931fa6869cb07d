import path from 'node:path';
import type { PresetName } from '../../contracts/presets';
import { PRESETS } from '../../contracts/presets';
import type { PromptableSegmenter, RgbImage } from '../../contracts/segmenter';
import { generateMasks, type AmgProgress } from '../../core/amg/automatic-mask-generator';
import type { MaskRecord } from '../../core/amg/mask-record';
import { loadBundles, loadNetworks, loadPictures } from './lazy';
import { amgOptions, type AmgOptionsInput } from './options';

export interface SegmenterOptions {
  /** Model bundle (`vamg models list`); default the built-in MobileSAM, whose weights are fetched once. */
  readonly model?: string;
  /** Decides the size of the network's input; default `quality`. */
  readonly preset?: PresetName;
  /** Longest side of the picture that the network sees, in pixels; default the preset's. */
  readonly inputSize?: number;
  /** Execution provider: cpu, cuda, … or auto (default). */
  readonly device?: string;
  /** Told what is fetched and which device is used. */
  readonly onLog?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Load a model into this process. Runs of its networks block the event loop; end it with `dispose`.
 * @throws VamgError NotFound, SetupMissing, BadConfig, InferenceFailed
 */
export async function openSegmenter(options: SegmenterOptions = {}): Promise<PromptableSegmenter> {
  const { model = 'mobilesam', preset = 'quality', device = 'auto', onLog, signal } = options;
  const bundle = await loadBundles().ensureBundle(model, { log: (line) => onLog?.(line), ...(signal && { signal }) });
  return await loadNetworks().openImageSegmenter(bundle, options.inputSize ?? PRESETS[preset].inputSize, { device, ...(onLog && { onLog }) });
}

export interface SegmentImageOptions extends SegmenterOptions {
  /** SAM's parameters; without a preset what is left out has SAM's default. */
  readonly amg?: AmgOptionsInput;
  readonly onProgress?: (progress: AmgProgress) => void;
}

/**
 * SAM's automatic mask generator on one picture: a file (PNG, JPEG, WebP, …) or pixels. For many pictures open a segmenter once and
 * call `generateMasks`. @throws VamgError as openSegmenter; PoisonImage, BadConfig
 */
export async function segmentImage(picture: string | RgbImage, options: SegmentImageOptions = {}): Promise<MaskRecord[]> {
  const amg = amgOptions(options.amg, options.preset);
  const image = typeof picture === 'string' ? await readImage(picture) : picture;
  const segmenter = await openSegmenter(options);
  try {
    const { signal, onProgress } = options;
    return await generateMasks(segmenter, image, amg, { ...(signal && { signal }), ...(onProgress && { onBatch: onProgress }) });
  } finally {
    await segmenter.dispose();
  }
}

/** The pixels of a picture file, upright. @throws VamgError PoisonImage */
export async function readImage(file: string): Promise<RgbImage> {
  return await loadPictures().readImageRgb(path.resolve(file));
}
