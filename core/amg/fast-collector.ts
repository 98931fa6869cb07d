import { boxIou, translateBox, type BoxXyxy } from '../geometry/boxes';
import { orderByScore } from '../geometry/nms';
import { pictureCells } from '../geometry/picture-cells';
import { isNearCropEdge } from './crop-edge';
import { logitCuts, type CropTask, type MaskCollector } from './crop-pass';
import { lowestBar, type QualityBar } from './fill-uncovered';
import { createLogitScan, scanLogits, viewOfMask, type LogitCuts, type LogitScan, type LogitView } from './logit-scan';
import { MaskTable } from './mask-table';
import { MaskUpsampler } from './mask-upsampler';
import type { PointMasks } from './point-masks';
import { passesPredictedIou, passesStability, stabilityScore } from './stability-score';

/** Pixels around a mask's window that resizing reads. */
const MARGIN = 2;

/** A mask that passed the low-resolution tests: its logits around the window only. */
interface Candidate {
  readonly view: LogitView;
  readonly box: BoxXyxy;
  readonly predictedIou: number;
  readonly x: number;
  readonly y: number;
}

/** How far the low-resolution figures may be off before a mask is given up because of them. */
const STABILITY_SLACK = 0.1;
const BOX_IOU_SLACK = 0.1;
/** Below this many low-resolution pixels stability says nothing yet. */
const MIN_STABILITY_AREA = 64;

/**
 * The same tests, most of them before any resizing. Masks that are clearly unstable at low resolution are dropped at once.
 * The rest is taken from the best to the worst, and one that clearly repeats a kept mask (box IoU at low resolution) is never
 * resized; all others get SAM's tests at full resolution. What is kept is what SAM keeps, but for masks that the slack is too
 * small for. Stability, boxes and masks in the result are those of full resolution.
 */
export class FastCollector implements MaskCollector {
  private readonly candidates: Candidate[] = [];
  private readonly cuts: LogitCuts;
  private readonly bar: QualityBar;
  private scan: LogitScan = createLogitScan();
  private maskSize = 0;
  private validColumns = 0;
  private validRows = 0;

  constructor(private readonly task: CropTask) {
    this.cuts = logitCuts(task.options);
    this.bar = lowestBar(task.options);
  }

  add(masks: PointMasks, points: Float32Array): void {
    const { decoded, masksPerPoint } = masks;
    this.prepare(decoded.maskSize);
    for (let p = 0; p < decoded.count; p++) {
      for (let k = 0; k < masksPerPoint; k++) {
        const index = p * decoded.masksPerPrompt + k;
        const predictedIou = decoded.predictedIous[index]!;
        if (!passesPredictedIou(predictedIou, this.bar.predIouThresh)) continue;
        const view = viewOfMask(decoded.logits, index, decoded.maskSize);
        const box = this.test(view);
        if (box) this.candidates.push({ view: this.keepWindow(view), box, predictedIou, x: points[2 * p]!, y: points[2 * p + 1]! });
      }
    }
  }

  finish(): MaskTable {
    const table = new MaskTable();
    if (this.candidates.length === 0) return table;
    const { embedding, options } = this.task;
    const upsampler = new MaskUpsampler(embedding, this.maskSize, this.cuts);
    const order = Array.from(orderByScore(this.candidates.map((candidate) => candidate.predictedIou)), (i) => this.candidates[i]!);
    // No mask that only fills takes a good one's place.
    const rest = order.filter((candidate) => !this.take(candidate, options, table, upsampler));
    if (this.bar.predIouThresh < options.predIouThresh || this.bar.stabilityScoreThresh < options.stabilityScoreThresh)
      for (const candidate of rest) this.take(candidate, this.bar, table, upsampler);
    return table;
  }

  /** Adds a candidate that passes the tests at full resolution to the table. */
  private take({ view, box: roughBox, predictedIou, x, y }: Candidate, bar: QualityBar, table: MaskTable, upsampler: MaskUpsampler): boolean {
    const { box: crop, imageWidth, imageHeight, options } = this.task;
    if (!passesPredictedIou(predictedIou, bar.predIouThresh) || repeats(roughBox, table.boxes, options.boxNmsThresh + BOX_IOU_SLACK)) return false;
    this.scanView(view);
    upsampler.upsample(view, this.scan);
    const stability = stabilityScore(upsampler.areaHigh, upsampler.areaLow);
    if (upsampler.isEmpty || !passesStability(stability, bar.stabilityScoreThresh)) return false;
    const box = translateBox(upsampler.box, crop[0], crop[1]);
    if (isNearCropEdge(box, crop, imageWidth, imageHeight) || repeats(box, table.boxes, options.boxNmsThresh)) return false;
    const rle = upsampler.toRle(crop[0], crop[1], imageWidth, imageHeight);
    table.push({ rle, box, predictedIou, stability, point: [x + crop[0], y + crop[1]], crop });
    return true;
  }

  private prepare(maskSize: number): void {
    if (this.maskSize === maskSize) return;
    this.maskSize = maskSize;
    this.scan = createLogitScan();
    ({ columns: this.validColumns, rows: this.validRows } = pictureCells(this.task.embedding, maskSize));
  }

  private scanView(view: LogitView): void {
    scanLogits(view, this.maskSize, this.validColumns, this.validRows, this.cuts, this.scan);
  }

  /** Rough box in picture pixels (inclusive corners) unless the mask is hopeless. Leaves the mask's window in `scan`. */
  private test(view: LogitView): BoxXyxy | undefined {
    const { box: crop, embedding } = this.task;
    this.scanView(view);
    const { scan } = this;
    if (scan.midX1 < scan.midX0) return undefined;
    const isLarge = scan.areaLow >= MIN_STABILITY_AREA;
    if (isLarge && !passesStability(stabilityScore(scan.areaHigh, scan.areaLow), this.bar.stabilityScoreThresh - STABILITY_SLACK)) return undefined;
    const pixel = embedding.inputSize / this.maskSize;
    const sx = (pixel * embedding.imageWidth) / embedding.validWidth;
    const sy = (pixel * embedding.imageHeight) / embedding.validHeight;
    const x1 = Math.min(embedding.imageWidth, (scan.midX1 + 1) * sx) - 1;
    const y1 = Math.min(embedding.imageHeight, (scan.midY1 + 1) * sy) - 1;
    return translateBox([scan.midX0 * sx, scan.midY0 * sy, x1, y1], crop[0], crop[1]);
  }

  /**
   * Copy of the logits in the scanned window and the margin that resizing reads; the decoder's buffer can then be freed.
   * Rows and columns outside are never read, so the copy is addressed as if it were the whole mask.
   */
  private keepWindow(view: LogitView): LogitView {
    const { scan, maskSize } = this;
    const y0 = Math.max(0, scan.y0 - MARGIN);
    const y1 = Math.min(maskSize, scan.y1 + MARGIN + 1);
    const from = view.offset + y0 * maskSize;
    return { data: view.data.slice(from, view.offset + y1 * maskSize), offset: -y0 * maskSize, stride: maskSize, firstRow: y0, endRow: y1 };
  }
}

function repeats(box: BoxXyxy, kept: readonly BoxXyxy[], iouThresh: number): boolean {
  return kept.some((other) => boxIou(box, other) > iouThresh);
}
