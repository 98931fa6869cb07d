import type { RgbImage } from '../../contracts/segmenter';
import { rleArea } from '../mask/rle';
import type { Rle } from '../mask/types';
import { drawLabel } from './draw-label';
import { labelAnchor } from './label-anchor';
import { objectColour } from './object-colour';

/** One object to draw. */
export interface PaintedObject {
  readonly id: number;
  readonly rle: Rle;
}

export interface RenderStyle {
  /** Share of the object's colour inside the mask, 0..1. */
  readonly fillOpacity: number;
  /** Share of the object's colour on the contour, 0..1. */
  readonly contourOpacity: number;
  /** Contour width in pixels, drawn inwards; 0 for none. */
  readonly contourWidth: number;
  /** Size of one font pixel of the ID label in picture pixels; 0 for no labels. */
  readonly labelScale: number;
}

/** A style that reads well at this picture size. */
export function renderStyleFor(width: number, height: number): RenderStyle {
  const shorter = Math.min(width, height);
  return {
    fillOpacity: 0.42,
    contourOpacity: 0.95,
    contourWidth: Math.max(1, Math.round(shorter / 480)),
    labelScale: Math.max(1, Math.round(shorter / 400)),
  };
}

/** Columns handled together, so that reads of the column-major labels stay within the processor's cache. */
const TILE = 16;

/**
 * Draws masks over RGB frames of one size: fill, contour and ID label per object. Where masks overlap, the smaller one is
 * on top (parts stay visible on wholes). Works on runs: a label per pixel in column order, then one blending pass.
 */
export class MaskPainter {
  private readonly labels: Uint16Array;

  constructor(
    readonly width: number,
    readonly height: number,
    readonly style: RenderStyle = renderStyleFor(width, height),
  ) {
    this.labels = new Uint16Array(width * height);
  }

  /** Paints in place. @throws RangeError when a size differs from the painter's, or for more than 65535 objects. */
  paint(frame: RgbImage, objects: readonly PaintedObject[]): void {
    this.check(frame, objects);
    if (objects.length === 0) return;
    const order = objects.map((object) => ({ object, area: rleArea(object.rle) }));
    order.sort((a, b) => b.area - a.area || a.object.id - b.object.id);
    this.fillLabels(order.map((entry) => entry.object.rle));
    const colours = new Uint8Array((order.length + 1) * 3);
    order.forEach((entry, i) => colours.set(objectColour(entry.object.id), (i + 1) * 3));
    this.blend(frame.data, colours);
    if (this.style.labelScale === 0) return;
    for (const { object } of order) {
      const at = labelAnchor(object.rle);
      if (at !== null) drawLabel(frame, object.id, at.x, at.y, this.style.labelScale);
    }
  }

  private check(frame: RgbImage, objects: readonly PaintedObject[]): void {
    const { width, height } = this;
    if (frame.width !== width || frame.height !== height || frame.data.length !== width * height * 3)
      throw new RangeError(`painter is for ${width}x${height} RGB frames, got ${frame.width}x${frame.height}`);
    if (objects.length > 0xffff) throw new RangeError(`at most 65535 objects can be painted, got ${objects.length}`);
    for (const { id, rle } of objects) {
      if (rle.width !== width || rle.height !== height)
        throw new RangeError(`mask of object ${id} is ${rle.width}x${rle.height}, the frame is ${width}x${height}`);
    }
  }

  private fillLabels(masks: readonly Rle[]): void {
    const { labels } = this;
    labels.fill(0);
    masks.forEach(({ counts }, index) => {
      let position = 0;
      for (let i = 0; i + 1 < counts.length; i += 2) {
        position += counts[i]!;
        const end = position + counts[i + 1]!;
        labels.fill(index + 1, position, end);
        position = end;
      }
    });
  }

  private blend(data: Uint8Array, colours: Uint8Array): void {
    const { width, height, labels, style } = this;
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
          const onContour =
            reach > 0 &&
            ((y >= reach && labels[at - reach] !== label) ||
              (y + reach < height && labels[at + reach] !== label) ||
              (x >= reach && labels[at - reach * height] !== label) ||
              (x + reach < width && labels[at + reach * height] !== label));
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
