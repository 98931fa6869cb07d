import type { AmgOptions } from '../../contracts/amg-options';
import { decodeRle } from '../mask/rle';
import { toCocoRle, toUncompressedCocoRle } from '../mask/rle-string';
import type { Bitmask, CocoRle, Rle, UncompressedCocoRle } from '../mask/types';
import type { MaskRecord } from './mask-record';

/** SAM's output record, with its field names. */
export interface SamMaskRecord<Segmentation> {
  readonly segmentation: Segmentation;
  readonly area: number;
  readonly bbox: readonly number[];
  readonly predicted_iou: number;
  readonly point_coords: readonly (readonly number[])[];
  readonly stability_score: number;
  readonly crop_box: readonly number[];
}

export type Segmentation = Bitmask | UncompressedCocoRle | CocoRle;

/** A mask in the form that SAM's `output_mode` names. */
export function formatSegmentation(rle: Rle, mode: AmgOptions['outputMode']): Segmentation {
  if (mode === 'binary_mask') return decodeRle(rle);
  return mode === 'coco_rle' ? toCocoRle(rle) : toUncompressedCocoRle(rle);
}

/** Our record to SAM's. */
export function toSamRecord(record: MaskRecord, mode: AmgOptions['outputMode']): SamMaskRecord<Segmentation> {
  return {
    segmentation: formatSegmentation(record.rle, mode),
    area: record.area,
    bbox: [...record.bboxXywh],
    predicted_iou: record.predictedIou,
    point_coords: [[...record.pointCoords]],
    stability_score: record.stabilityScore,
    crop_box: [...record.cropBoxXywh],
  };
}
