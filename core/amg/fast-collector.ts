import { translateBox, type BoxXyxy } from '../geometry/boxes';
import { nms } from '../geometry/nms';
import { isNearCropEdge } from './crop-edge';
import { logitCuts, type CropTask, type MaskCollector } from './crop-pass';
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

/**
 * The same tests on low-resolution masks; only what survives box NMS is resized. Stability and boxes are those of the
 * low-resolution mask while filtering (boxes to within one low-resolution pixel), and are measured anew on the result.
 */
export class FastCollector implements MaskCollector {
  private readonly candidates: Candidate[] = [];
  private readonly cuts: LogitCuts;
  private scan: LogitScan = createLogitScan(0);
  private maskSize = 0;
  private validColumns = 0;
  private validRows = 0;

  constructor(private readonly task: CropTask) {
    this.cuts = logitCuts(task.options);
  }

  add(masks: PointMasks, points: Float32Array): void {
    const { decoded, masksPerPoint } = masks;
    this.prepare(decoded.maskSize);
    for (let p = 0; p < decoded.count; p++) {
      for (let k = 0; k < masksPerPoint; k++) {
        const index = p * decoded.masksPerPrompt + k;
        const predictedIou = decoded.predictedIous[index]!;
        if (!passesPredictedIou(predictedIou, this.task.options.predIouThresh)) continue;
        const view = viewOfMask(decoded.logits, index, decoded.maskSize);
        const box = this.test(view);
        if (box) this.candidates.push({ view: this.keepWindow(view), box, predictedIou, x: points[2 * p]!, y: points[2 * p + 1]! });
      }
    }
  }

  finish(): MaskTable {
    const table = new MaskTable();
    if (this.candidates.length === 0) return table;
    const { embedding, box: crop, imageWidth, imageHeight, options } = this.task;
    const upsampler = new MaskUpsampler(embedding, this.maskSize, this.cuts);
    const boxes = this.candidates.map((candidate) => candidate.box);
    const scores = this.candidates.map((candidate) => candidate.predictedIou);
    for (const i of nms(boxes, scores, options.boxNmsThresh)) {
      const { view, predictedIou, x, y } = this.candidates[i]!;
      this.scanView(view);
      upsampler.upsample(view, this.scan);
      if (upsampler.isEmpty) continue;
      const stability = stabilityScore(upsampler.areaHigh, upsampler.areaLow);
      const box = translateBox(upsampler.box, crop[0], crop[1]);
      const rle = upsampler.toRle(crop[0], crop[1], imageWidth, imageHeight);
      table.push({ rle, box, predictedIou, stability, point: [x + crop[0], y + crop[1]], crop });
    }
    return table;
  }

  private prepare(maskSize: number): void {
    if (this.maskSize === maskSize) return;
    const { embedding } = this.task;
    this.maskSize = maskSize;
    this.scan = createLogitScan(maskSize);
    this.validColumns = Math.ceil((embedding.validWidth * maskSize) / embedding.inputSize);
    this.validRows = Math.ceil((embedding.validHeight * maskSize) / embedding.inputSize);
  }

  private scanView(view: LogitView): void {
    scanLogits(view, this.maskSize, this.validColumns, this.validRows, this.cuts, this.scan);
  }

  /** Box in picture pixels (inclusive corners) when the mask passes, else undefined. Leaves the mask's window in `scan`. */
  private test(view: LogitView): BoxXyxy | undefined {
    const { options, box: crop, embedding, imageWidth, imageHeight } = this.task;
    this.scanView(view);
    const { scan } = this;
    if (scan.midX1 < scan.midX0) return undefined;
    if (!passesStability(stabilityScore(scan.areaHigh, scan.areaLow), options.stabilityScoreThresh)) return undefined;
    const pixel = embedding.inputSize / this.maskSize;
    const sx = (pixel * embedding.imageWidth) / embedding.validWidth;
    const sy = (pixel * embedding.imageHeight) / embedding.validHeight;
    const x1 = Math.min(embedding.imageWidth, (scan.midX1 + 1) * sx) - 1;
    const y1 = Math.min(embedding.imageHeight, (scan.midY1 + 1) * sy) - 1;
    const box = translateBox([scan.midX0 * sx, scan.midY0 * sy, x1, y1], crop[0], crop[1]);
    return isNearCropEdge(box, crop, imageWidth, imageHeight) ? undefined : box;
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
