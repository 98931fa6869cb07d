import { rleArea } from './rle';
import { rleSubtract, rleUnion } from './rle-ops';
import type { Rle } from './types';

/**
 * The part of each mask that is seen in a flat view, where a pixel belongs to one object: smaller masks lie on larger ones, so that
 * parts stay visible on wholes; of equal areas the lower ID is on top (the order of `rlesToLabelMap`). Disjoint masks come out, by
 * ascending ID; one that is covered wholly comes out empty.
 * @throws RangeError when the masks differ in size.
 */
export function flattenRles(masks: ReadonlyMap<number, Rle>): Map<number, Rle> {
  const items = [...masks].map(([id, rle]) => ({ id, rle, area: rleArea(rle) })).sort((a, b) => a.area - b.area || a.id - b.id);
  const visible = new Map<number, Rle>();
  let covered: Rle | null = null;
  for (const { id, rle } of items) {
    visible.set(id, covered === null ? rle : rleSubtract(rle, covered));
    covered = covered === null ? rle : rleUnion(covered, rle);
  }
  return new Map([...visible].sort(([a], [b]) => a - b));
}

/** Set the pixels of a mask in a row-major picture of the same size to `value`. */
export function paintRle(data: Uint8Array | Uint16Array | Uint32Array | Int32Array, { width, height, counts }: Rle, value: number): void {
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = position + counts[i]!;
    if (i & 1) for (let p = position; p < end; p++) data[(p % height) * width + Math.floor(p / height)] = value;
    position = end;
  }
}
