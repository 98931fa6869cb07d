import { z } from 'zod';

const unit = z.number().min(0).max(1);

/**
 * Options of the automatic mask generator: the names of SAM's and SAM 2's SamAutomaticMaskGenerator, camel-cased, with SAM's
 * defaults. `box` thresholds compare boxes, `mask` thresholds compare masks.
 */
export const amgOptionsSchema = z.strictObject({
  pointsPerSide: z.int().min(1).max(128).nullable().default(32).describe('Grid of points per image side; more finds smaller objects and costs its square. null when pointGrids is given.'),
  pointNovelty: z.number().min(0).max(2).default(0).describe('Prompt a point of the grid only when what it shows differs by more than this from all points prompted before, the most different first. 0 prompts every point, as SAM does; 0.07 finds nearly all of its masks with half of the prompts.'),
  pointsPerBatch: z.int().min(1).max(1024).default(64).describe('Prompts per decoder call; more uses more memory and is faster on a GPU.'),
  predIouThresh: unit.default(0.88).describe("Keep a mask when the model's own quality estimate is above this; raising it gives fewer, cleaner masks."),
  stabilityScoreThresh: unit.default(0.95).describe('Keep a mask when it hardly changes as the cut-off moves; raising it gives fewer, crisper masks.'),
  fillPredIouThresh: unit.nullable().default(null).describe('Where no mask of like size covers, a mask above this quality estimate counts too; null: none does.'),
  fillStabilityScoreThresh: unit.nullable().default(null).describe('Stability that such a mask must have; null: stabilityScoreThresh.'),
  stabilityScoreOffset: z.number().min(0).max(20).default(1).describe('How far the cut-off is moved for the stability score, in logits.'),
  maskThreshold: z.number().min(-20).max(20).default(0).describe('Cut-off on mask logits; raising it shrinks masks.'),
  boxNmsThresh: unit.default(0.7).describe('Of two masks whose boxes overlap more than this the worse one is dropped.'),
  maskNmsThresh: unit.default(1).describe('Of two masks that overlap (mask IoU) more than this the worse one is dropped; 1 switches it off.'),
  cropNLayers: z.int().min(0).max(4).default(0).describe('Also run on crops: layer i has (2^i)^2 crops; finds small objects, costs a multiple.'),
  cropNmsThresh: unit.default(0.7).describe('As boxNmsThresh, between masks of different crops.'),
  cropOverlapRatio: z.number().min(0).max(0.9).default(512 / 1500).describe('How far crops overlap, as a share of the image length.'),
  cropNPointsDownscaleFactor: z.int().min(1).max(16).default(1).describe('Layer i uses pointsPerSide divided by this to the power i.'),
  pointGrids: z.array(z.array(z.tuple([unit, unit])).min(1)).nullable().default(null).describe('Own point grids, one per crop layer, in [0,1]; exactly one of this and pointsPerSide.'),
  minMaskRegionArea: z.int().min(0).default(0).describe('Fill holes and remove specks smaller than this many pixels (never whole masks); 0 switches it off.'),
  outputMode: z.enum(['binary_mask', 'uncompressed_rle', 'coco_rle']).default('coco_rle').describe('Form of `segmentation` in the JSON of `vamg image`.'),
  useM2m: z.boolean().default(false).describe("SAM 2's extra pass: each mask's logits are fed back once for a cleaner mask; costs one more decoder call per mask."),
  multimaskOutput: z.boolean().default(true).describe('Three masks per point (whole, part, sub-part) rather than one.'),
});

export type AmgOptions = z.output<typeof amgOptionsSchema>;
