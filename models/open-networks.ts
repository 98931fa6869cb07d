import type { VideoNetwork } from '../contracts/video-network';
import type { PromptableSegmenter } from '../contracts/segmenter';
import type { ResolvedBundle } from './bundles/resolved-bundle';
import { createCutieModel } from './cutie/cutie-model';
import { createDeaotModel } from './deaot/deaot-model';
import { createMemoryModel } from './memory/memory-model';
import type { OrtOptions } from './runtime/ort-session';
import { createSamModel, type SamModelOptions } from './sam/sam-model';
import { createSam2Model, Sam2Model } from './sam2/sam2-model';
import { createXmemModel } from './xmem/xmem-model';

/**
 * Load the image segmenter of a bundle of any family: its own, or that of its image model.
 * @throws VamgError BadConfig for a family that is not known or an input size the bundle does not offer; SetupMissing, InferenceFailed.
 */
export function openImageSegmenter(bundle: ResolvedBundle, inputSize: number, options: SamModelOptions = {}): Promise<PromptableSegmenter> {
  const { image = bundle } = bundle;
  return image.manifest.family === 'sam2' ? createSam2Model(image, inputSize, options) : createSamModel(image, inputSize, options);
}

/**
 * What the memory tracker works with: a bundle's memory network, the networks of XMem, Cutie or DeAOT, or the segmenter itself where it is of SAM 2. A network of DeAOT looks at pictures at the segmenter's input size.
 * @throws VamgError BadConfig when the bundle has none; SetupMissing, InferenceFailed.
 */
export async function openVideoNetwork(bundle: ResolvedBundle, segmenter: PromptableSegmenter, options: OrtOptions = {}): Promise<VideoNetwork> {
  if (bundle.manifest.family === 'sam2' && segmenter instanceof Sam2Model) return segmenter;
  if (bundle.manifest.family === 'deaot') return createDeaotModel(bundle, segmenter.inputSize, options);
  if (bundle.manifest.family === 'cutie') return createCutieModel(bundle, options);
  if (bundle.manifest.family === 'xmem') return createXmemModel(bundle, options);
  return createMemoryModel(bundle, options);
}
