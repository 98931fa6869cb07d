import { overlayParts, type OverlayLook } from '../../contracts/overlay-look';
import type { RgbImage } from '../../contracts/segmenter';
import { rleArea, rleToBoxXywh } from '../mask/rle';
import { DigitFont } from './digit-font';
import { drawBox } from './draw-box';
import { drawLabel, labelSize } from './draw-label';
import { labelAnchor } from './label-anchor';
import { paintOrder, type PaintedObject } from './label-plane';
import { MaskPainter, type MaskStyle } from './mask-painter';
import { objectColour } from './object-colour';
import { placeLabels, type Place } from './place-labels';
import { StrokeLayer } from './stroke-layer';
import { Trails } from './trails';

/** Sizes that read well at a picture size, in pixels. */
interface OverlaySizes {
  readonly line: number;
  readonly digits: number;
}

function sizesFor(width: number, height: number): OverlaySizes {
  const shorter = Math.min(width, height);
  return { line: Math.max(1, Math.round(shorter / 480)), digits: Math.max(9, Math.round(shorter / 50)) };
}

/** Fill and contour of a look at this picture size. */
export function maskStyleFor(width: number, height: number, look: OverlayLook): MaskStyle {
  const parts = overlayParts(look);
  const { line } = sizesFor(width, height);
  // An outline that stands alone is to be seen over a picture of any colour.
  const contourWidth = parts.has('fill') ? line : line * 2;
  return { fillOpacity: parts.has('fill') ? look.overlayOpacity : 0, contourOpacity: 0.95, contourWidth: parts.has('contour') ? contourWidth : 0 };
}

export interface OverlayPainterOptions {
  readonly width: number;
  readonly height: number;
  readonly look: OverlayLook;
  /** Positions at which a scene begins: trails end there. */
  readonly sceneCuts: readonly number[];
}

/**
 * Draws what a look names over the frames of a film, in order: colour and contour of the masks, then trails, boxes and IDs. Holds a few
 * planes of the picture's size, and of frames before only the centres that trails need.
 */
export class OverlayPainter {
  private readonly masks: MaskPainter | null;
  private readonly trails: { readonly paths: Trails; readonly layer: StrokeLayer } | null;
  private readonly font: DigitFont | null;
  private readonly boxWidth: number;
  private readonly lineWidth: number;

  constructor({ width, height, look, sceneCuts }: OverlayPainterOptions) {
    const parts = overlayParts(look);
    const { line, digits } = sizesFor(width, height);
    this.masks = parts.has('fill') || parts.has('contour') ? new MaskPainter(width, height, maskStyleFor(width, height, look)) : null;
    this.trails = parts.has('trails') ? { paths: new Trails(look.overlayTrail, sceneCuts), layer: new StrokeLayer(width, height) } : null;
    this.font = parts.has('ids') ? new DigitFont(digits) : null;
    this.lineWidth = line;
    this.boxWidth = parts.has('boxes') ? Math.max(1, Math.round(line * 1.5)) : 0;
  }

  /** Take in a frame without drawing it: one before the first that is drawn. Positions ascend by one. */
  pass(position: number, objects: readonly PaintedObject[]): void {
    this.trails?.paths.add(position, objects);
  }

  /** Draw over a frame, in place. @throws RangeError when a size differs from the painter's, or for more than 65535 objects. */
  paint(frame: RgbImage, position: number, objects: readonly PaintedObject[]): void {
    this.pass(position, objects);
    this.masks?.paint(frame, objects);
    this.trails?.paths.draw(frame, this.trails.layer, this.lineWidth * 1.8);
    if (this.boxWidth > 0) for (const { id, rle } of paintOrder(objects)) drawBox(frame, rleToBoxXywh(rle), objectColour(id), this.boxWidth);
    if (this.font !== null) this.drawIds(frame, objects, this.font);
  }

  /** In the order of the IDs, which does not change from frame to frame: the lower one keeps its place in a crowd. */
  private drawIds(frame: RgbImage, objects: readonly PaintedObject[], font: DigitFont): void {
    const seen = objects.filter(({ rle }) => rleArea(rle) > 0).sort((a, b) => a.id - b.id);
    const places = placeLabels(seen.map((object) => (this.boxWidth > 0 ? onBox(object, font) : onMask(object, font))), frame);
    seen.forEach(({ id }, i) => drawLabel(frame, id, places[i]!, font));
  }
}

/** On the upper left corner of the box. */
function onBox({ id, rle }: PaintedObject, font: DigitFont): Place {
  const [left, top] = rleToBoxXywh(rle);
  const size = labelSize(id, font);
  return { ...size, left, top: top - size.height };
}

/** At the middle of the mask; the more of a small object that would cover, the further above it. */
function onMask({ id, rle }: PaintedObject, font: DigitFont): Place {
  const size = labelSize(id, font);
  const anchor = labelAnchor(rle)!;
  const [, top, width, height] = rleToBoxXywh(rle);
  const covered = (size.width * size.height) / (width * height);
  const lift = Math.max(0, Math.min(1, (covered - LIFT_FROM) / (LIFT_WHOLLY - LIFT_FROM)));
  const middle = anchor.y + (top - 1 - size.height / 2 - anchor.y) * lift;
  return { ...size, left: Math.round(anchor.x - size.width / 2), top: Math.round(middle - size.height / 2) };
}

/** Share of the object's box that its label may cover before it moves up, and at which it stands clear above. */
const LIFT_FROM = 0.2;
const LIFT_WHOLLY = 0.45;
