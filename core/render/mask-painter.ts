import type { RgbImage } from '../../contracts/segmenter';
import { coloursOf, LabelPlane, paintOrder, TILE, type PaintedObject } from './label-plane';

export interface MaskStyle {
  /** Share of the object's colour inside the mask, 0..1. */
  readonly fillOpacity: number;
  /** Share of the object's colour on the contour, 0..1. */
  readonly contourOpacity: number;
  /** Contour width in pixels, drawn inwards; 0 for none. */
  readonly contourWidth: number;
}

/**
 * Draws masks over RGB frames of one size: fill and contour per object. Where masks overlap, the smaller one is
 * on top (parts stay visible on wholes). Works on runs: a label per pixel in column order, then one blending pass.
 */
export class MaskPainter {
  private readonly plane: LabelPlane;

  constructor(
    readonly width: number,
    readonly height: number,
    readonly style: MaskStyle,
  ) {
    this.plane = new LabelPlane(width, height);
  }

  /** Paints in place. @throws RangeError when a size differs from the painter's, or for more than 65535 objects. */
  paint(frame: RgbImage, objects: readonly PaintedObject[]): void {
    const { width, height } = this;
    if (frame.width !== width || frame.height !== height || frame.data.length !== width * height * 3)
      throw new RangeError(`painter is for ${width}x${height} RGB frames, got ${frame.width}x${frame.height}`);
    if (objects.length === 0) return;
    const order = paintOrder(objects);
    this.plane.fill(order);
    this.blend(frame.data, coloursOf(order));
  }

  private blend(data: Uint8Array, colours: Uint8Array): void {
    const { width, height, style } = this;
    const { labels } = this.plane;
    const fill = Math.round(style.fillOpacity * 256);
    const line = Math.round(style.contourOpacity * 256);
    const reach = style.contourWidth;
    for (let x0 = 0; x0 < width; x0 += TILE) {
      const x1 = Math.min(width, x0 + TILE);
      for (let y = 0; y < height; y++) {
        for (let x = x0; x < x1; x++) {
          const at = x * height + y;
          const label = labels[at]!;
          if (label === 0) continue;
          // Near the picture's edge the pixels on it are looked at: a mask that goes on to the edge has no outline there.
          const onContour =
            reach > 0 &&
            (labels[at - Math.min(reach, y)] !== label ||
              labels[at + Math.min(reach, height - 1 - y)] !== label ||
              labels[at - Math.min(reach, x) * height] !== label ||
              labels[at + Math.min(reach, width - 1 - x) * height] !== label);
          const share = onContour ? line : fill;
          const p = (y * width + x) * 3;
          const c = label * 3;
          data[p] = data[p]! + (((colours[c]! - data[p]!) * share) >> 8);
          data[p + 1] = data[p + 1]! + (((colours[c + 1]! - data[p + 1]!) * share) >> 8);
          data[p + 2] = data[p + 2]! + (((colours[c + 2]! - data[p + 2]!) * share) >> 8);
        }
      }
    }
  }
}
