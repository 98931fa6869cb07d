import type { AmgOptions } from '../../contracts/amg-options';
import { rleArea } from '../mask/rle';
import { rleIntersectionArea, rleMerge } from '../mask/rle-ops';
import type { MaskTable } from './mask-table';
import { passesPredictedIou, passesStability } from './stability-score';

/** What a mask must reach to be looked at. */
export interface QualityBar {
  readonly predIouThresh: number;
  readonly stabilityScoreThresh: number;
}

/** A mask up to this many times as large as another is of its scale: a picture-wide background covers no object. */
const SAME_SCALE = 4;
/** Share of a poorer mask that better ones of its scale may cover. */
const MOST_COVERED = 0.5;
/** Share of the picture below which a mask in doubt is not worth having. */
const LEAST_SHARE = 0.004;

/** The lowest bar: SAM's, or the lower one for places where nothing better is found. */
export function lowestBar(options: AmgOptions): QualityBar {
  const { predIouThresh, stabilityScoreThresh, fillPredIouThresh, fillStabilityScoreThresh } = options;
  return {
    predIouThresh: Math.min(predIouThresh, fillPredIouThresh ?? predIouThresh),
    stabilityScoreThresh: Math.min(stabilityScoreThresh, fillStabilityScoreThresh ?? stabilityScoreThresh),
  };
}

/** Whether a mask passes SAM's own thresholds; the others can only fill. */
export function isGood(predictedIou: number, stability: number, bar: QualityBar): boolean {
  return passesPredictedIou(predictedIou, bar.predIouThresh) && passesStability(stability, bar.stabilityScoreThresh);
}

/**
 * Our addition. SAM drops every mask that is not sure and stable, and with them objects that it sees but is in doubt about: an animal
 * against water, of which only the head remains. Of the masks below SAM's thresholds those stay, best first, that show something
 * no kept mask of like scale shows: at most half of them is covered; small ones go. Good masks all stay, and keep their order; the others follow.
 */
export function keepFilling(table: MaskTable, options: AmgOptions): MaskTable {
  const good: number[] = [];
  const poor: number[] = [];
  for (let i = 0; i < table.length; i++) (isGood(table.predictedIous[i]!, table.stabilities[i]!, options) ? good : poor).push(i);
  if (poor.length === 0) return table;
  const quality = (i: number): number => table.predictedIous[i]! * table.stabilities[i]!;
  const areas = table.rles.map(rleArea);
  const kept = good.slice();
  const leastArea = LEAST_SHARE * table.rles[0]!.width * table.rles[0]!.height;
  for (const i of poor.filter((row) => areas[row]! >= leastArea).sort((a, b) => quality(b) - quality(a) || a - b)) {
    const ofLikeScale = kept.filter((k) => areas[k]! <= SAME_SCALE * areas[i]!).map((k) => table.rles[k]!);
    const covered = ofLikeScale.length === 0 ? 0 : rleIntersectionArea(rleMerge(ofLikeScale, 'union'), table.rles[i]!);
    if (covered <= MOST_COVERED * areas[i]!) kept.push(i);
  }
  return table.select(kept);
}
