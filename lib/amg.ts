/**
 * `video-amg/amg`: SAM's automatic mask generator, on one picture with a model of this machine (`segmentImage`) or over any segmenter that
 * answers prompts (`generateMasks`). The networks are loaded when a model is opened, not by the import.
 */
export { openSegmenter, readImage, segmentImage, type SegmenterOptions, type SegmentImageOptions } from './parts/segment-image';
export { amgOptions, type AmgOptionsInput } from './parts/options';
export { generateMasks, type AmgContext, type AmgProgress } from '../core/amg/automatic-mask-generator';
export type { MaskRecord } from '../core/amg/mask-record';
export { toSamRecord, type SamMaskRecord, type Segmentation } from '../core/amg/output-modes';
export type { AmgOptions } from '../contracts/amg-options';
export type { PresetName } from '../contracts/presets';
export type { DecodedMasks, FeatureSquare, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../contracts/segmenter';
