import { translateBox } from '../geometry/boxes';
import { nms } from '../geometry/nms';
import { pictureCells } from '../geometry/picture-cells';
import { isNearCropEdge } from './crop-edge';
import { logitCuts, type CropTask, type MaskCollector } from './crop-pass';
import { isGood, lowestBar, type QualityBar } from './fill-uncovered';
import { createLogitScan, scanLogits, viewOfMask, type LogitScan } from './logit-scan';
import { MaskTable } from './mask-table';
import { MaskUpsampler } from './mask-upsampler';
import type { PointMasks } from './point-masks';
import { passesPredictedIou, passesStability, stabilityScore } from './stability-score';

/**
 * SAM's order of operations (segment_anything/automatic_mask_generator.py, _process_batch and _process_crop): predicted IoU,
 * resize to full resolution, stability, threshold, boxes, crop edges, run lengths; box NMS once all points are through.
 * Masks that are empty are dropped even where a threshold of 0 switches the tests off.
 */
export class ExactCollector implements MaskCollector {
  private readonly table = new MaskTable();
  private readonly bar: QualityBar;
  private upsampler: MaskUpsampler | undefined;
  private scan: LogitScan | undefined;

  constructor(private readonly task: CropTask) {
    this.bar = lowestBar(task.options);
  }

  add(masks: PointMasks, points: Float32Array): void {
    const { decoded, masksPerPoint } = masks;
    for (let p = 0; p < decoded.count; p++) {
      for (let k = 0; k < masksPerPoint; k++) {
        const index = p * decoded.masksPerPrompt + k;
        const predictedIou = decoded.predictedIous[index]!;
        if (passesPredictedIou(predictedIou, this.bar.predIouThresh)) this.addMask(decoded.logits, index, decoded.maskSize, predictedIou, points[2 * p]!, points[2 * p + 1]!);
      }
    }
  }

  finish(): MaskTable {
    const { boxes, predictedIous, stabilities } = this.table;
    // No mask that only fills takes a good one's place.
    const ranks = predictedIous.map((iou, i) => iou + (isGood(iou, stabilities[i]!, this.task.options) ? 1 : 0));
    return this.table.select(nms(boxes, ranks, this.task.options.boxNmsThresh));
  }

  private addMask(logits: Float32Array, index: number, maskSize: number, predictedIou: number, x: number, y: number): void {
    const { embedding, box: crop, imageWidth, imageHeight, options } = this.task;
    const cuts = logitCuts(options);
    const upsampler = (this.upsampler ??= new MaskUpsampler(embedding, maskSize, cuts));
    const scan = (this.scan ??= createLogitScan());
    const view = viewOfMask(logits, index, maskSize);
    const { columns, rows } = pictureCells(embedding, maskSize);
    scanLogits(view, maskSize, columns, rows, cuts, scan);
    upsampler.upsample(view, scan);
    const stability = stabilityScore(upsampler.areaHigh, upsampler.areaLow);
    if (upsampler.isEmpty || !passesStability(stability, this.bar.stabilityScoreThresh)) return;
    const box = translateBox(upsampler.box, crop[0], crop[1]);
    if (isNearCropEdge(box, crop, imageWidth, imageHeight)) return;
    const rle = upsampler.toRle(crop[0], crop[1], imageWidth, imageHeight);
    this.table.push({ rle, box, predictedIou, stability, point: [x + crop[0], y + crop[1]], crop });
  }
}
