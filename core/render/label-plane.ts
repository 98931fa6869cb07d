import { rleArea } from '../mask/rle';
import type { Rle } from '../mask/types';
import { objectColour } from './object-colour';

/** One object to draw. */
export interface PaintedObject {
  readonly id: number;
  readonly rle: Rle;
}

/** Largest first, so that smaller masks, painted later, lie on top (parts stay visible on wholes); of equal areas the lower ID first. */
export function paintOrder<T extends PaintedObject>(objects: readonly T[]): T[] {
  const order = objects.map((object) => ({ object, area: rleArea(object.rle) }));
  order.sort((a, b) => b.area - a.area || a.object.id - b.object.id);
  return order.map(({ object }) => object);
}

/** Red, green and blue of each object at 3 times 1 + its place in the list, as a plane labels it. */
export function coloursOf(objects: readonly PaintedObject[]): Uint8Array {
  const colours = new Uint8Array((objects.length + 1) * 3);
  objects.forEach(({ id }, i) => colours.set(objectColour(id), (i + 1) * 3));
  return colours;
}

/** Columns to handle together when a picture is gone through by rows, so that reads of the column-major labels stay within the processor's cache. */
export const TILE = 16;

/** Which mask each pixel shows: 0 for none, else 1 + its place in the list. In column order, as the runs of masks are. */
export class LabelPlane {
  readonly labels: Uint16Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.labels = new Uint16Array(width * height);
  }

  /** Put masks over each other, the last on top. @throws RangeError when a size differs from the plane's, or for more than 65535 masks. */
  fill(objects: readonly PaintedObject[]): void {
    const { labels, width, height } = this;
    if (objects.length > 0xffff) throw new RangeError(`at most 65535 objects can be painted, got ${objects.length}`);
    for (const { id, rle } of objects)
      if (rle.width !== width || rle.height !== height) throw new RangeError(`mask of object ${id} is ${rle.width}x${rle.height}, the frame is ${width}x${height}`);
    labels.fill(0);
    objects.forEach(({ rle: { counts } }, index) => {
      let position = 0;
      for (let i = 0; i + 1 < counts.length; i += 2) {
        position += counts[i]!;
        const end = position + counts[i + 1]!;
        labels.fill(index + 1, position, end);
        position = end;
      }
    });
  }
}
