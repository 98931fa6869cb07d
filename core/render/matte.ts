import { coloursOf, LabelPlane, paintOrder, TILE, type PaintedObject } from './label-plane';

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
    const colours = coloursOf(order);
    for (let x0 = 0; x0 < width; x0 += TILE) {
      const x1 = Math.min(width, x0 + TILE);
      for (let y = 0; y < height; y++) {
        for (let x = x0; x < x1; x++) {
          const label = this.plane.labels[x * height + y]!;
          if (label === 0) continue;
          const p = (y * width + x) * 4;
          const c = label * 3;
          rgba[p] = colours[c]!;
          rgba[p + 1] = colours[c + 1]!;
          rgba[p + 2] = colours[c + 2]!;
          rgba[p + 3] = 255;
        }
      }
    }
    return rgba;
  }
}
