import { OUTSIDE_LOGIT } from '../../contracts/segmenter';

/** What masks of the padded square look like: of each, `rows` x `columns` at the top left are computed. */
export interface SquareShape {
  readonly side: number;
  readonly rows: number;
  readonly columns: number;
}

/** Masks of the padded square, side by side, of which only a part at the top left of each is computed. */
export class MaskSquare {
  private data: Float32Array | null = null;
  private isTakenOver = false;

  /** @param spares where its space comes from, and goes back to */
  constructor(
    private readonly masks: number,
    private readonly shape: SquareShape,
    private readonly spares = new SpareSquares(),
  ) {}

  /** [masks, side, side] */
  get logits(): Float32Array {
    return (this.data ??= this.spares.take(this.masks, this.shape));
  }

  /** Masks [n, rows, columns] become the top left of those from number `first` on. The data is taken over when it is all there is. */
  put(first: number, masks: Float32Array): void {
    const { side, rows, columns } = this.shape;
    if (masks.length === this.masks * side * side) {
      this.data = masks;
      this.isTakenOver = true;
      return;
    }
    const { logits } = this;
    // Whole rows of a mask lie behind each other in both.
    const [runs, length] = columns === side ? [1, rows * side] : [rows, columns];
    for (let mask = 0, from = 0; from < masks.length; mask++)
      for (let run = 0; run < runs; run++, from += length) logits.set(masks.subarray(from, from + length), ((first + mask) * side + run) * side);
  }

  /** The logits are looked at no more. */
  release(): void {
    if (this.data && !this.isTakenOver) this.spares.give(this.data, this.shape);
    this.data = null;
  }
}

/**
 * Squares that nobody looks at any more, to be used again: made anew for every answer (24 MB for 40 objects at 768 pixels), they have to be cleared and collected.
 * What is outside the computed part stays as it is from one to the next of the same shape. One is kept.
 */
export class SpareSquares {
  private spare: { readonly data: Float32Array; readonly shape: SquareShape } | null = null;

  take(masks: number, shape: SquareShape): Float32Array {
    const length = masks * shape.side ** 2;
    const { spare } = this;
    if (spare && spare.data.length >= length && isSame(spare.shape, shape)) {
      this.spare = null;
      return spare.data.subarray(0, length);
    }
    return new Float32Array(length).fill(OUTSIDE_LOGIT);
  }

  give(data: Float32Array, shape: SquareShape): void {
    const whole = new Float32Array(data.buffer);
    const { spare } = this;
    if (!spare || !isSame(spare.shape, shape) || spare.data.length < whole.length) this.spare = { data: whole, shape };
  }
}

function isSame(a: SquareShape, b: SquareShape): boolean {
  return a.side === b.side && a.rows === b.rows && a.columns === b.columns;
}
