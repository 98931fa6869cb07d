/** `video-amg/masks`: masks as run lengths (COCO) and as pixels, and what can be done with them. Pure: no input, no output. */
export type { Bitmask, CocoRle, Rle, UncompressedCocoRle } from '../core/mask/types';
export { decodeRle, emptyRle, encodeRle, isEmptyRle, rleArea, rleCentroid, rleEquals, rleHasPixel, rleToBoxXywh } from '../core/mask/rle';
export { rleContainment, rleIntersection, rleIntersectionArea, rleIou, rleIouMatrix, rleMerge, rleSubtract, rleTranslate, rleUnion, rleUnionArea } from '../core/mask/rle-ops';
export { cocoStringToRle, fromCocoRle, fromUncompressedCocoRle, rleToCocoString, toCocoRle, toUncompressedCocoRle } from '../core/mask/rle-string';
export { flattenRles, paintRle } from '../core/mask/flatten';
export { labelMapToRles, rlesToLabelMap, type LabelMap } from '../core/metrics/label-map';
export { bitmaskAnd, bitmaskArea, bitmaskBox, bitmaskNot, bitmaskOr, bitmaskSubtract, createBitmask, resizeBitmaskNearest, thresholdLogits } from '../core/mask/bitmask-ops';
export { boundary, dilate, erode, type StructuringElement } from '../core/mask/morphology';
export { keepLargestComponent, labelComponents, removeSmallRegions, type Connectivity } from '../core/mask/connected-components';
export { traceOutline, type Outline } from '../core/mask/trace-outline';
export type { BoxXywh, BoxXyxy } from '../core/geometry/boxes';
