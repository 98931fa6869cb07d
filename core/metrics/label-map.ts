import type { Bitmask, Rle } from '../mask/types';
import { paintRle } from '../mask/flatten';
import { encodeRle, rleArea } from '../mask/rle';

/** One object number per pixel, row-major; 0 is background or, in partly labelled truth, unlabelled. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint16Array | Int32Array;
}

/** Mask of one label. */
export function labelToBitmask(labels: LabelMap, label: number): Bitmask {
  const data = new Uint8Array(labels.data.length);
  for (let i = 0; i < data.length; i++) if (labels.data[i] === label) data[i] = 1;
  return { width: labels.width, height: labels.height, data };
}

/** Masks of all labels but 0, by ascending label. */
export function labelMapToRles(labels: LabelMap): Map<number, Rle> {
  const found = new Set<number>();
  let last = 0;
  for (const value of labels.data)
    if (value !== last) {
      found.add(value);
      last = value;
    }
  found.delete(0);
  return new Map([...found].sort((a, b) => a - b).map((label) => [label, encodeRle(labelToBitmask(labels, label))]));
}

/** Flat view of overlapping masks: larger first, so that parts stay visible on wholes; equal areas: lower ID on top. */
export function rlesToLabelMap(masks: ReadonlyMap<number, Rle>, width: number, height: number): LabelMap {
  const data = new Int32Array(width * height);
  const items = [...masks].map(([id, rle]) => {
    if (rle.width !== width || rle.height !== height)
      throw new RangeError(`mask ${id} is ${rle.width}x${rle.height}, the picture ${width}x${height}`);
    return { id, rle, area: rleArea(rle) };
  });
  items.sort((a, b) => b.area - a.area || b.id - a.id);
  for (const { id, rle } of items) paintRle(data, rle, id);
  return { width, height, data };
}
