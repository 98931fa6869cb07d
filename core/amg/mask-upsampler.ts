import type { ImageEmbedding } from '../../contracts/segmenter';
import type { BoxXyxy } from '../geometry/boxes';
import { encodeRle } from '../mask/rle';
import type { Rle } from '../mask/types';
import { compositeTaps, type CompositeTaps } from './composite-taps';
import type { LogitCuts, LogitScan, LogitView } from './logit-scan';
import { placeRle } from './place-rle';
import { RowSegments, SEGMENT_FILLED } from './row-segments';

/** Where the picture lies in the network's square. */
export type PictureFrame = Pick<ImageEmbedding, 'inputSize' | 'imageWidth' | 'imageHeight' | 'validWidth' | 'validHeight'>;

/**
 * Low-resolution logits to a mask at the size of the picture, with SAM's two bilinear resizes folded into one pass that also
 * cuts, measures stability and finds the box. Only what can be above the low cut-off is computed: bilinear values never
 * exceed their neighbours, so the rest is known to be below it and the result is that of the whole picture.
 */
export class MaskUpsampler {
  /** Pixels above the raised and the lowered cut-off in the last mask. */
  areaHigh = 0;
  areaLow = 0;
  /** Inclusive corners of the last mask in picture pixels; [0,0,0,0] when it is empty (SAM's batched_mask_to_box). */
  box: BoxXyxy = [0, 0, 0, 0];
  /** True when the last mask has no pixel. */
  isEmpty = true;
  private readonly columns: CompositeTaps;
  private readonly rows: CompositeTaps;
  private readonly width: number;
  private readonly height: number;
  /** Widened low-resolution rows, and which mask each was made for. */
  private readonly wide: Float32Array[];
  private readonly wideStamp: Int32Array;
  private stamp = 0;
  private readonly pixels: Uint8Array;
  private readonly segments: RowSegments;
  /** First low-resolution row for which `segments` holds. */
  private plannedRow = -1;
  private rowX0 = 0;
  private rowX1 = -1;
  private boxX0 = 0;
  private boxY0 = -1;
  private boxX1 = -1;
  private boxY1 = -1;
  private region = { x0: 0, y0: 0, width: 0, height: 0 };

  constructor(frame: PictureFrame, maskSize: number, private readonly cuts: LogitCuts) {
    this.width = frame.imageWidth;
    this.height = frame.imageHeight;
    this.columns = compositeTaps(maskSize, frame.inputSize, frame.validWidth, this.width);
    this.rows = compositeTaps(maskSize, frame.inputSize, frame.validHeight, this.height);
    this.segments = new RowSegments(this.columns, maskSize, cuts);
    this.wide = Array.from({ length: maskSize }, () => new Float32Array(0));
    this.wideStamp = new Int32Array(maskSize);
    this.pixels = new Uint8Array(((this.width + 3) & ~3) * this.height);
  }

  /** Resize one mask; fills areaHigh, areaLow, box. `scan` must come from `scanLogits` on the same logits and cuts. */
  upsample(view: LogitView, scan: LogitScan): void {
    this.areaHigh = 0;
    this.areaLow = 0;
    this.box = [0, 0, 0, 0];
    this.stamp++;
    this.plannedRow = -1;
    this.region = this.findRegion(scan);
    const { y0, width, height } = this.region;
    this.pixels.fill(0, 0, width * height);
    this.boxX0 = this.width;
    this.boxX1 = this.boxY0 = this.boxY1 = -1;
    for (let y = y0; y < y0 + height; y++) this.upsampleRow(view, scan, y);
    this.isEmpty = this.boxY0 < 0;
    if (!this.isEmpty) this.box = [this.boxX0, this.boxY0, this.boxX1, this.boxY1];
  }

  /** The last mask, laid at (x0, y0) into a picture of width x height. */
  toRle(x0: number, y0: number, width: number, height: number): Rle {
    const { region } = this;
    const part = encodeRle({ width: region.width, height: region.height, data: this.pixels.subarray(0, region.width * region.height) });
    return placeRle(part, x0 + region.x0, y0 + region.y0, width, height);
  }

  /** Part of the picture that the window can reach; its width is a multiple of 4 where possible (encodeRle is faster then). */
  private findRegion(scan: LogitScan): { x0: number; y0: number; width: number; height: number } {
    const [x0, x1] = reach(this.columns, scan.x0, scan.x1);
    const [y0, y1] = reach(this.rows, scan.y0, scan.y1);
    this.segments.reset(x0, x1);
    if (x1 < x0 || y1 < y0) return { x0: 0, y0: 0, width: 0, height: 0 };
    const width = Math.min(this.width, (x1 - x0 + 4) & ~3);
    return { x0: Math.min(x0, this.width - width), y0, width, height: y1 - y0 + 1 };
  }

  /** One picture row. */
  private upsampleRow(view: LogitView, scan: LogitScan, y: number): void {
    const { segments } = this;
    const r = this.rows.first[y]!;
    if (r !== this.plannedRow) {
      segments.plan(view, r, scan.x0, scan.x1);
      this.plannedRow = r;
    }
    this.rowX0 = this.width;
    this.rowX1 = -1;
    for (let i = 0; i < segments.count; i++) {
      if (segments.kind[i] === SEGMENT_FILLED) this.fill(y, segments.from[i]!, segments.to[i]!);
      else this.blend(view, y, segments.from[i]!, segments.to[i]!);
    }
    if (this.rowX1 < 0) return;
    if (this.boxY0 < 0) this.boxY0 = y;
    this.boxY1 = y;
    if (this.rowX0 < this.boxX0) this.boxX0 = this.rowX0;
    if (this.rowX1 > this.boxX1) this.boxX1 = this.rowX1;
  }

  private fill(y: number, from: number, to: number): void {
    const target = (y - this.region.y0) * this.region.width - this.region.x0;
    this.pixels.fill(1, target + from, target + to + 1);
    this.areaLow += to - from + 1;
    this.areaHigh += to - from + 1;
    if (from < this.rowX0) this.rowX0 = from;
    this.rowX1 = to;
  }

  /** Blend up to three widened rows over columns from..to (inclusive), cut and count. */
  private blend(view: LogitView, y: number, from: number, to: number): void {
    const { rows, region, pixels } = this;
    const { low, mid, high } = this.cuts;
    const r = rows.first[y]!;
    const c0 = rows.weights[3 * y]!;
    const c1 = rows.weights[3 * y + 1]!;
    const c2 = rows.weights[3 * y + 2]!;
    const a = this.widenedRow(view, r);
    const b = this.widenedRow(view, r + 1);
    const c = c2 === 0 ? b : this.widenedRow(view, r + 2);
    const target = (y - region.y0) * region.width - region.x0;
    let areaLow = 0;
    let areaHigh = 0;
    let first = -1;
    let last = -1;
    for (let x = from; x <= to; x++) {
      const value = a[x]! * c0 + b[x]! * c1 + c[x]! * c2;
      if (!(value > low)) continue;
      areaLow++;
      if (!(value > mid)) continue;
      pixels[target + x] = 1;
      if (first < 0) first = x;
      last = x;
      if (value > high) areaHigh++;
    }
    this.areaLow += areaLow;
    this.areaHigh += areaHigh;
    if (first >= 0 && first < this.rowX0) this.rowX0 = first;
    if (last >= 0) this.rowX1 = last;
  }

  /** Low-resolution row stretched to picture columns, over the current region. */
  private widenedRow(view: LogitView, row: number): Float32Array {
    let out = this.wide[row]!;
    if (this.wideStamp[row] === this.stamp) return out;
    if (out.length === 0) out = this.wide[row] = new Float32Array(this.width);
    this.wideStamp[row] = this.stamp;
    const { data } = view;
    const base = view.offset + row * view.stride;
    const { first, weights } = this.columns;
    const end = this.region.x0 + this.region.width;
    for (let x = this.region.x0; x < end; x++) {
      const s = base + first[x]!;
      const w = 3 * x;
      out[x] = data[s]! * weights[w]! + data[s + 1]! * weights[w + 1]! + data[s + 2]! * weights[w + 2]!;
    }
    return out;
  }
}

/** Target positions (inclusive) that sources first..last reach; [0, -1] when none. */
function reach(taps: CompositeTaps, first: number, last: number): readonly [number, number] {
  let from = taps.first.length;
  let to = -1;
  // Reach grows with the position, except that positions past the picture reach nothing.
  while (first <= last && (from = taps.firstTarget[first]!) >= taps.first.length) first++;
  while (last >= first && (to = taps.lastTarget[last]!) < 0) last--;
  return to < from ? [0, -1] : [from, to];
}
