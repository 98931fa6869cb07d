import { bitmaskBox } from '../mask/bitmask-ops';
import type { BoxXyxy } from '../geometry/boxes';
import { nms } from '../geometry/nms';
import { removeSmallRegions } from '../mask/connected-components';
import { decodeRle, encodeRle } from '../mask/rle';
import { rleToBoxXywh } from '../mask/rle';
import type { Rle } from '../mask/types';
import { MaskTable } from './mask-table';

/**
 * Fills holes, then removes islands, of fewer than `minArea` full-resolution pixels (8-connected), then box NMS that prefers
 * masks it did not change (SAM 1, segment_anything/automatic_mask_generator.py, postprocess_small_regions). Whole masks are
 * never removed for being small.
 * @param nmsThresh SAM uses the larger of box and crop NMS thresholds.
 */
export function postprocessSmallRegions(table: MaskTable, minArea: number, nmsThresh: number): MaskTable {
  if (minArea <= 0 || table.length === 0) return table;
  const cleaned = table.rles.map((rle) => cleanMask(rle, minArea));
  const boxes = cleaned.map((mask) => mask.box);
  const scores = cleaned.map((mask) => (mask.changed ? 0 : 1));
  const out = new MaskTable();
  for (const i of nms(boxes, scores, nmsThresh)) {
    const { rle, box, changed } = cleaned[i]!;
    const row = table.row(i);
    out.push(changed ? { ...row, rle, box } : row);
  }
  return out;
}

function cleanMask(rle: Rle, minArea: number): { rle: Rle; box: BoxXyxy; changed: boolean } {
  const filled = removeSmallRegions(decodeRle(rle), minArea, 'holes');
  const cleaned = removeSmallRegions(filled.mask, minArea, 'islands');
  const changed = filled.changed || cleaned.changed;
  if (!changed) {
    const [x, y, w, h] = rleToBoxXywh(rle);
    return { rle, box: inclusive([x, y, x + w, y + h]), changed };
  }
  return { rle: encodeRle(cleaned.mask), box: inclusive(bitmaskBox(cleaned.mask)), changed };
}

/** Exclusive to inclusive corners, as SAM's batched_mask_to_box; an empty box stays. */
function inclusive(box: BoxXyxy): BoxXyxy {
  return box[2] > box[0] ? [box[0], box[1], box[2] - 1, box[3] - 1] : box;
}
