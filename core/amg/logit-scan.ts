/** Cut-offs on mask logits, low <= mid <= high: mask threshold and the same moved down and up by the stability offset. */
export interface LogitCuts {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

/** A mask's low-resolution logits: value (x, y) is data[offset + y*stride + x]. */
export interface LogitView {
  readonly data: Float32Array;
  readonly offset: number;
  readonly stride: number;
  /** Rows that are there, [firstRow, endRow); all others are known to be below the low cut-off. */
  readonly firstRow: number;
  readonly endRow: number;
}

/** View of mask number `index` in a batch of maskSize x maskSize masks. */
export function viewOfMask(data: Float32Array, index: number, maskSize: number): LogitView {
  return { data, offset: index * maskSize * maskSize, stride: maskSize, firstRow: 0, endRow: maskSize };
}

/** Where a mask's low-resolution logits are above the low cut-off. Reused from mask to mask. */
export interface LogitScan {
  /** Inclusive window of all logits above the low cut; y0 > y1 when none. */
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  /** Low-resolution pixels above each cut, within the picture. */
  areaLow: number;
  areaHigh: number;
  /** Inclusive box of pixels above the middle cut, within the picture; x0 > x1 when none. */
  midX0: number;
  midY0: number;
  midX1: number;
  midY1: number;
}

export function createLogitScan(): LogitScan {
  return { x0: 0, y0: 0, x1: -1, y1: -1, areaLow: 0, areaHigh: 0, midX0: 0, midY0: 0, midX1: -1, midY1: -1 };
}

/**
 * Scan the top left `width` x `height` part that holds the picture. One column and row more are looked at for the window
 * (resizing reads them at the picture's right and lower edge), but not for areas and box.
 */
export function scanLogits(view: LogitView, maskSize: number, width: number, height: number, cuts: LogitCuts, scan: LogitScan): void {
  const { data, offset, stride } = view;
  const { low, mid, high } = cuts;
  const columns = Math.min(maskSize, width + 1);
  const rows = Math.min(view.endRow, height + 1);
  let [x0, y0, x1, y1, midX0, midY0, midX1, midY1] = [maskSize, maskSize, -1, -1, maskSize, maskSize, -1, -1];
  let areaLow = 0;
  let areaHigh = 0;
  for (let y = view.firstRow; y < rows; y++) {
    const row = offset + y * stride;
    let first = 0;
    while (first < columns && !(data[row + first]! > low)) first++;
    if (first === columns) continue;
    let last = columns - 1;
    while (!(data[row + last]! > low)) last--;
    if (y1 < 0) y0 = y;
    y1 = y;
    if (first < x0) x0 = first;
    if (last > x1) x1 = last;
    if (y >= height) continue;
    const end = last < width ? last : width - 1;
    let midFirst = -1;
    let midLast = -1;
    for (let x = first; x <= end; x++) {
      const value = data[row + x]!;
      if (!(value > low)) continue;
      areaLow++;
      if (!(value > mid)) continue;
      if (midFirst < 0) midFirst = x;
      midLast = x;
      if (value > high) areaHigh++;
    }
    if (midFirst < 0) continue;
    if (midY1 < 0) midY0 = y;
    midY1 = y;
    if (midFirst < midX0) midX0 = midFirst;
    if (midLast > midX1) midX1 = midLast;
  }
  Object.assign(scan, { x0, y0, x1, y1, areaLow, areaHigh, midX0, midY0, midX1, midY1 });
}
