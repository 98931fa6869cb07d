/**
 * `video-amg`: what is used most. More is in `video-amg/masks`, `/metrics`, `/stitch`, `/amg`, `/tracking`, `/results` and `/jobs`
 * (docs/library.md). Importing any of them loads nothing heavy.
 */
export { maskOf, openResult, type Result, type ResultFrame, type ResultObject } from './parts/open-result';
export { segmentImage, type SegmentImageOptions } from './parts/segment-image';
export { connectJobs, type ConnectOptions, type JobRequest, type Jobs } from './parts/jobs';
export { decodeRle, encodeRle, rleArea } from '../core/mask/rle';
export { rleIou } from '../core/mask/rle-ops';
export { fromCocoRle, toCocoRle } from '../core/mask/rle-string';
export type { MaskRecord } from '../core/amg/mask-record';
export type { Bitmask, CocoRle, Rle } from '../core/mask/types';
export type { RgbImage } from '../contracts/segmenter';
export type { ResultSummary } from '../contracts/result-summary';
export { VamgError, type FailureName } from '../contracts/errors';
