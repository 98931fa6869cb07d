import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeIndexedPng } from '../../adapters/png/indexed-png';
import { writeRgbPng } from '../../adapters/png/png';
import type { AmgOptions } from '../../contracts/amg-options';
import { outputOptionsSchema } from '../../contracts/segment-options';
import type { RgbImage } from '../../contracts/segmenter';
import type { MaskRecord } from '../../core/amg/mask-record';
import { toSamRecord } from '../../core/amg/output-modes';
import { decodeRle } from '../../core/mask/rle';
import { MaskPainter } from '../../core/render/mask-painter';
import { maskStyleFor } from '../../core/render/overlay-painter';
import { MASKS_FILE } from './image-folder';

/** Columns of metadata.csv, as segment-anything's scripts/amg.py writes them. */
const CSV_HEADER =
  'id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,crop_box_x0,crop_box_y0,crop_box_w,crop_box_h';

const BLACK_AND_WHITE = Uint8Array.of(0, 0, 0, 255, 255, 255);

/**
 * masks.json: SAM's records in SAM's order. With outputMode binary_mask `segmentation` names a PNG (masks/<n>.png, white on
 * black), and metadata.csv lists them as SAM's script does.
 */
export async function writeMasks(folder: string, records: readonly MaskRecord[], mode: AmgOptions['outputMode']): Promise<void> {
  if (mode !== 'binary_mask') return writeJson(folder, records.map((record) => toSamRecord(record, mode)));
  await mkdir(path.join(folder, 'masks'));
  for (const [i, record] of records.entries()) {
    const mask = decodeRle(record.rle);
    await writeFile(path.join(folder, 'masks', `${i}.png`), await encodeIndexedPng(mask, BLACK_AND_WHITE));
  }
  await writeFile(path.join(folder, 'metadata.csv'), `${[CSV_HEADER, ...records.map(csvRow)].join('\n')}\n`);
  await writeJson(folder, records.map((record, i) => ({ ...toSamRecord(record, 'coco_rle'), segmentation: `masks/${i}.png` })));
}

function writeJson(folder: string, records: readonly unknown[]): Promise<void> {
  const lines = records.map((record) => JSON.stringify(record)).join(',\n');
  return writeFile(path.join(folder, MASKS_FILE), `[\n${lines}\n]\n`);
}

function csvRow(record: MaskRecord, id: number): string {
  const { area, bboxXywh, pointCoords, predictedIou, stabilityScore, cropBoxXywh } = record;
  return [id, area, ...bboxXywh, ...pointCoords, predictedIou, stabilityScore, ...cropBoxXywh].join(',');
}

/** overlay.png: the picture with every mask in a colour of its own and its outline, large masks below small ones. */
export async function writeOverlay(folder: string, image: RgbImage, records: readonly MaskRecord[]): Promise<void> {
  const picture = { ...image, data: image.data.slice() };
  const painter = new MaskPainter(image.width, image.height, maskStyleFor(image.width, image.height, outputOptionsSchema.parse({})));
  painter.paint(picture, records.map(({ rle }, i) => ({ id: i + 1, rle })));
  await writeRgbPng(path.join(folder, 'overlay.png'), picture);
}
