import type { CompositeTaps } from './composite-taps';
import type { LogitCuts, LogitView } from './logit-scan';

/** All values of the segment are above the high cut. */
export const SEGMENT_FILLED = 2;
/** Values must be computed. */
export const SEGMENT_MIXED = 1;

/**
 * Picture columns of the rows that blend low-resolution rows r, r+1, r+2, cut into segments. Bilinear values lie between the
 * values they are made of: where all nine are below the low cut nothing is emitted, where all are above the high cut the
 * segment is filled without computing it, and only what is left, the band along outlines, is mixed.
 */
export class RowSegments {
  /** Segment i is columns from[i]..to[i] (inclusive) of kind[i]. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly kind: Uint8Array;
  count = 0;
  private firstColumn = 0;
  private lastColumn = -1;
  private readonly columnMin: Float64Array;
  private readonly columnMax: Float64Array;

  constructor(private readonly columns: CompositeTaps, private readonly maskSize: number, private readonly cuts: LogitCuts) {
    this.from = new Int32Array(maskSize);
    this.to = new Int32Array(maskSize);
    this.kind = new Uint8Array(maskSize);
    this.columnMin = new Float64Array(maskSize);
    this.columnMax = new Float64Array(maskSize);
  }

  /** Forget the last mask; call before the first `plan` of each. Segments stay within picture columns from..to. */
  reset(from: number, to: number): void {
    this.firstColumn = from;
    this.lastColumn = to;
    this.columnMin.fill(-Infinity);
    this.columnMax.fill(-Infinity);
  }

  /** Fill the segments for rows r..r+2; columns outside x0..x1 are known to be below the low cut. */
  plan(view: LogitView, r: number, x0: number, x1: number): void {
    const { columnMin, columnMax, columns, maskSize } = this;
    const { data, stride } = view;
    for (let x = x0, at = view.offset + r * stride + x0; x <= x1; x++, at++) {
      const a = data[at]!;
      const b = data[at + stride]!;
      const c = data[at + 2 * stride]!;
      columnMin[x] = a < b ? (a < c ? a : c) : b < c ? b : c;
      columnMax[x] = a > b ? (a > c ? a : c) : b > c ? b : c;
    }
    this.count = 0;
    const { low, high } = this.cuts;
    const lastCell = Math.min(x1, maskSize - 3);
    const { cellStart } = columns;
    for (let s = Math.max(0, x0 - 2); s <= lastCell; s++) {
      if (!(columnMax[s]! > low || columnMax[s + 1]! > low || columnMax[s + 2]! > low)) continue;
      const isFilled = columnMin[s]! > high && columnMin[s + 1]! > high && columnMin[s + 2]! > high;
      this.add(cellStart[s]!, cellStart[s + 1]! - 1, isFilled ? SEGMENT_FILLED : SEGMENT_MIXED);
    }
  }

  private add(cellFrom: number, cellTo: number, kind: number): void {
    // The outermost cells may give a source weight 0, and then lie outside.
    const from = cellFrom > this.firstColumn ? cellFrom : this.firstColumn;
    const to = cellTo < this.lastColumn ? cellTo : this.lastColumn;
    if (to < from) return;
    const last = this.count - 1;
    if (last >= 0 && this.kind[last] === kind && this.to[last] === from - 1) {
      this.to[last] = to;
      return;
    }
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.kind[this.count++] = kind;
  }
}
