import { OUTSIDE_LOGIT } from '../../contracts/segmenter';

/** Masks of the padded square, side by side, of which only a part at the top left of each is computed. */
export class MaskSquare {
  private data: Float32Array | null = null;

  /** @param side of a mask */
  constructor(
    private readonly masks: number,
    private readonly side: number,
  ) {}

  /** [masks, side, side] */
  get logits(): Float32Array {
    return (this.data ??= this.empty());
  }

  /** Masks [n, rows, columns] become the top left of those from number `first` on. The data is taken over when it is all there is. */
  put(first: number, masks: Float32Array, rows: number, columns: number): void {
    const { side } = this;
    if (masks.length === this.masks * side * side) {
      this.data = masks;
      return;
    }
    const { logits } = this;
    // Whole rows of a mask lie behind each other in both.
    const [runs, length] = columns === side ? [1, rows * side] : [rows, columns];
    for (let mask = 0, from = 0; from < masks.length; mask++)
      for (let run = 0; run < runs; run++, from += length) logits.set(masks.subarray(from, from + length), ((first + mask) * side + run) * side);
  }

  private empty(): Float32Array {
    return new Float32Array(this.masks * this.side * this.side).fill(OUTSIDE_LOGIT);
  }
}
