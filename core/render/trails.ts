import type { RgbImage } from '../../contracts/segmenter';
import { rleCentroid } from '../mask/rle';
import type { PaintedObject } from './label-plane';
import { objectColour, type Rgb } from './object-colour';
import type { StrokeLayer } from './stroke-layer';

const BLACK: Rgb = [0, 0, 0];
const EDGE_OPACITY = 0.45;

interface Point {
  readonly position: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Where the centres of objects were in the last frames. It forgets what is older and everything at a scene cut, so that what it holds after
 * a frame depends on that frame and `length` - 1 frames before it alone: chunks that start with those draw what one pass draws.
 */
export class Trails {
  private readonly paths = new Map<number, Point[]>();
  private readonly cuts: ReadonlySet<number>;
  private position = -1;

  /** @param length frames, the newest counted. @param sceneCuts positions at which a scene begins. */
  constructor(
    readonly length: number,
    sceneCuts: readonly number[],
  ) {
    this.cuts = new Set(sceneCuts);
  }

  /** Take in the next processed frame. Positions ascend by one. */
  add(position: number, objects: readonly PaintedObject[]): void {
    if (this.cuts.has(position)) this.paths.clear();
    this.position = position;
    for (const { id, rle } of objects) {
      const centre = rleCentroid(rle);
      if (centre === null) continue;
      const path = this.paths.get(id) ?? [];
      path.push({ position, ...centre });
      this.paths.set(id, path);
    }
    for (const [id, path] of this.paths) {
      while (path.length > 0 && path[0]!.position <= position - this.length) path.shift();
      if (path.length === 0) this.paths.delete(id);
    }
  }

  /**
   * Draw the paths in their objects' colours, fading with age, on a dark edge that sets them off. A path has a gap where its object was not
   * seen; one of an object that has gone fades away. @param thickness of the coloured line in pixels
   */
  draw(frame: RgbImage, layer: StrokeLayer, thickness: number): void {
    const ids = [...this.paths.keys()].sort((a, b) => a - b);
    for (const id of ids) this.trace(this.paths.get(id)!, layer, thickness + Math.max(2, thickness * 0.7));
    layer.blend(frame, BLACK, EDGE_OPACITY);
    for (const id of ids) {
      this.trace(this.paths.get(id)!, layer, thickness);
      layer.blend(frame, objectColour(id));
    }
  }

  private trace(path: readonly Point[], layer: StrokeLayer, thickness: number): void {
    path.forEach((point, i) => {
      const before = path[i - 1];
      if (before?.position === point.position - 1) layer.line(before.x, before.y, point.x, point.y, thickness, this.strength(before), this.strength(point));
    });
    const head = path.at(-1)!;
    if (head.position === this.position) layer.line(head.x, head.y, head.x, head.y, thickness * 2);
  }

  /** 1 for the newest frame, down to nearly 0 for the oldest. */
  private strength({ position }: Point): number {
    return 1 - (this.position - position) / this.length;
  }
}
