import type { BoxXyxy } from '../geometry/boxes';
import { boxXyxyToXywh } from '../geometry/boxes';
import { rleArea } from '../mask/rle';
import type { Rle } from '../mask/types';
import type { MaskRecord } from './mask-record';

/** One row: a mask on its way through the filters. */
export interface MaskRow {
  readonly rle: Rle;
  /** Inclusive corners in picture pixels (SAM's batched_mask_to_box); [0,0,0,0] for an empty mask. */
  readonly box: BoxXyxy;
  readonly predictedIou: number;
  readonly stability: number;
  readonly point: readonly [number, number];
  readonly crop: BoxXyxy;
}

/**
 * Struct of arrays with one row per mask, after SAM's MaskData: every filter goes through `select`, so that all columns stay
 * aligned.
 */
export class MaskTable {
  readonly rles: Rle[] = [];
  readonly boxes: BoxXyxy[] = [];
  readonly predictedIous: number[] = [];
  readonly stabilities: number[] = [];
  readonly points: (readonly [number, number])[] = [];
  readonly crops: BoxXyxy[] = [];

  get length(): number {
    return this.rles.length;
  }

  push(row: MaskRow): void {
    this.rles.push(row.rle);
    this.boxes.push(row.box);
    this.predictedIous.push(row.predictedIou);
    this.stabilities.push(row.stability);
    this.points.push(row.point);
    this.crops.push(row.crop);
  }

  /** @throws RangeError outside 0..length-1. */
  row(index: number): MaskRow {
    const rle = this.rles[index];
    if (rle === undefined) throw new RangeError(`row ${index} is outside 0..${this.length - 1}`);
    return {
      rle,
      box: this.boxes[index]!,
      predictedIou: this.predictedIous[index]!,
      stability: this.stabilities[index]!,
      point: this.points[index]!,
      crop: this.crops[index]!,
    };
  }

  /** The rows with these indices, in the given order, as a new table. */
  select(indices: readonly number[]): MaskTable {
    const out = new MaskTable();
    for (const index of indices) out.push(this.row(index));
    return out;
  }

  append(other: MaskTable): void {
    for (let i = 0; i < other.length; i++) this.push(other.row(i));
  }

  toRecords(): MaskRecord[] {
    return this.rles.map((rle, i) => ({
      rle,
      area: rleArea(rle),
      bboxXywh: boxXyxyToXywh(this.boxes[i]!),
      predictedIou: this.predictedIous[i]!,
      pointCoords: this.points[i]!,
      stabilityScore: this.stabilities[i]!,
      cropBoxXywh: boxXyxyToXywh(this.crops[i]!),
    }));
  }
}
