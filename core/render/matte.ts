import { LabelPlane, paintOrder, type PaintedObject } from './label-plane';
import { objectColour } from './object-colour';

/** Draws every object in its colour, opaque, on a transparent picture; smaller masks on top of larger ones. */
export class MattePainter {
  private readonly plane: LabelPlane;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.plane = new LabelPlane(width, height);
  }

  /** @returns width * height * 4 bytes of RGBA, row-major. @throws RangeError when a size differs from the painter's, or for more than 65535 objects. */
  paint(objects: readonly PaintedObject[]): Uint8Array {
    const { width, height } = this;
    const rgba = new Uint8Array(width * height * 4);
    if (objects.length === 0) return rgba;
    const order = paintOrder(objects);
    this.plane.fill(order);
    const colours = order.map(({ id }) => objectColour(id));
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p += 4) {
        const label = this.plane.labels[x * height + y]!;
        if (label === 0) continue;
        const colour = colours[label - 1]!;
        rgba[p] = colour[0];
        rgba[p + 1] = colour[1];
        rgba[p + 2] = colour[2];
        rgba[p + 3] = 255;
      }
    }
    return rgba;
  }
}
