import type { BoxXywh } from '../geometry/boxes';

/**
 * Gives transparent pixels near opaque ones the colour of their nearest neighbours, and leaves them transparent. Film codecs mix the colours of
 * neighbouring pixels: without this, edges would take on the black of what is transparent. Serves any number of pictures of one size.
 */
export class ColourBleed {
  private readonly marks: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    /** Pixels, in steps to the side, up or down. */
    readonly reach: number,
  ) {
    this.marks = new Uint8Array(width * height);
  }

  /** @param rgba row-major, changed in place. @param box holds all opaque pixels */
  apply(rgba: Uint8Array, [left, top, boxWidth, boxHeight]: BoxXywh): void {
    const reached: number[] = [];
    for (let y = top; y < top + boxHeight; y++) {
      const end = (y * this.width + left + boxWidth) * 4 + 3;
      for (let alpha = (y * this.width + left) * 4 + 3; alpha < end; alpha += 4) if (rgba[alpha] !== 0 && this.isEdge(rgba, alpha)) this.spread(rgba, (alpha - 3) / 4, reached);
    }
    let done = 0;
    for (let step = 1; step < this.reach; step++) {
      const end = reached.length;
      for (; done < end; done++) this.spread(rgba, reached[done]!, reached);
    }
    for (const at of reached) this.marks[at] = 0;
  }

  /** Whether a neighbour in the picture may be transparent; beyond the sides those of the next row are asked, which `spread` leaves alone. */
  private isEdge(rgba: Uint8Array, alpha: number): boolean {
    const row = this.width * 4;
    return rgba[alpha - 4] === 0 || rgba[alpha + 4] === 0 || rgba[alpha - row] === 0 || rgba[alpha + row] === 0;
  }

  private spread(rgba: Uint8Array, from: number, reached: number[]): void {
    const x = from % this.width;
    if (x > 0) this.colour(rgba, from, from - 1, reached);
    if (x < this.width - 1) this.colour(rgba, from, from + 1, reached);
    if (from >= this.width) this.colour(rgba, from, from - this.width, reached);
    if (from + this.width < this.marks.length) this.colour(rgba, from, from + this.width, reached);
  }

  private colour(rgba: Uint8Array, from: number, to: number, reached: number[]): void {
    if (rgba[to * 4 + 3] !== 0 || this.marks[to] !== 0) return;
    this.marks[to] = 1;
    for (let i = 0; i < 3; i++) rgba[to * 4 + i] = rgba[from * 4 + i]!;
    reached.push(to);
  }
}
