import { rleArea } from '../mask/rle';
import { describeRle, rleIntersectionAreaWithin, rleSubtract } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { assignMinCost } from '../matching/linear-assignment';
import type { HotaAlignment } from './hota-alignment';

/** What is compared on one frame. All masks have one size. */
export interface TruthAndPredictions {
  /** Masks of the truth by object; disjoint unless everyObject is set. */
  readonly truth: ReadonlyMap<number, Rle>;
  /** Masks of the result by ID; may overlap. */
  readonly predictions: ReadonlyMap<number, Rle>;
  /** Pixels that are not judged, disjoint from the truth; null for none. */
  readonly ignored: Rle | null;
  /** True when the truth shows every object, so that what it leaves open is background; false when it is unlabelled. */
  readonly everyObject: boolean;
}

/** The detections of one frame that count, and how much they overlap. */
export interface JudgedFrame {
  readonly truthIds: readonly number[];
  readonly trackIds: readonly number[];
  /** IoU in 0..1, row-major [truthIds x trackIds]. */
  readonly iou: Float64Array;
  /** Predictions that were left out. */
  readonly leftOut: number;
}

const MATCH_IOU = 0.5;

/**
 * Which predictions of a frame are judged, and their IoU with every object of the truth. Ignored pixels are taken off the
 * predictions. As TrackEval does with ignore regions (MOTS Challenge), truth and predictions are matched at IoU >= 0.5, and
 * a prediction without a match is left out when more than half of its pixels lie where the truth says nothing: on ignored
 * pixels, and unless `everyObject`, on unlabelled pixels or on an object that another prediction matches (a part of
 * it, a whole around it). So with partial truth an extra mask is false only where it stands for an object that is missed.
 *
 * @param alignment of all frames with every prediction (`compareMasks`): where several masks match one object, as a whole and
 *   its largest part do, it decides for the track that fits over the whole video, so that they do not take turns; null: IoU alone
 * @throws RangeError when sizes differ
 */
export function judgeFrame(frame: TruthAndPredictions, alignment: HotaAlignment | null): JudgedFrame {
  const { objects, shown, shared, iou } = overlapAll(frame);
  const fit = (row: number, column: number): number => alignment?.alignment(objects[row]!.id, shown[column]!.id) ?? 1;
  const cost = iou.map((value, at) => (value >= MATCH_IOU ? -value * fit(Math.floor(at / shown.length), at % shown.length) : Infinity));
  const matches = assignMinCost(cost, objects.length, shown.length);
  const matchedRows = new Set(matches.map(({ row }) => row));
  const matchedColumns = new Set(matches.map(({ col }) => col));
  const kept = [...shown.keys()].filter((column) => {
    if (matchedColumns.has(column)) return true;
    const { area, wholeArea } = shown[column]!;
    let judged = area;
    if (!frame.everyObject) {
      judged = 0;
      for (const row of objects.keys()) if (!matchedRows.has(row)) judged += shared[row * shown.length + column]!;
    }
    return judged * 2 >= wholeArea;
  });
  return {
    truthIds: objects.map(({ id }) => id),
    trackIds: kept.map((column) => shown[column]!.id),
    iou: Float64Array.from({ length: objects.length * kept.length }, (_, at) => iou[Math.floor(at / kept.length) * shown.length + kept[at % kept.length]!]!),
    leftOut: frame.predictions.size - kept.length,
  };
}

/** Every object beside every prediction that shows a judged pixel; nothing is left out. @throws RangeError when sizes differ. */
export function compareMasks(frame: Omit<TruthAndPredictions, 'everyObject'>): JudgedFrame {
  const { objects, shown, iou } = overlapAll(frame);
  return { truthIds: objects.map(({ id }) => id), trackIds: shown.map(({ id }) => id), iou, leftOut: 0 };
}

function overlapAll({ truth, predictions, ignored }: Omit<TruthAndPredictions, 'everyObject'>) {
  const objects = [...truth].map(([id, rle]) => ({ id, rle, ...describeRle(rle) })).filter(({ area }) => area > 0);
  const shown = [...predictions]
    .map(([id, whole]) => {
      const rle = ignored === null ? whole : rleSubtract(whole, ignored);
      return { id, rle, wholeArea: rleArea(whole), ...describeRle(rle) };
    })
    .filter(({ area }) => area > 0);
  const shared = Float64Array.from({ length: objects.length * shown.length }, (_, at) => {
    const [object, p] = [objects[Math.floor(at / shown.length)]!, shown[at % shown.length]!];
    return rleIntersectionAreaWithin(object.rle, p.rle, object, p);
  });
  const iou = shared.map((pixels, at) => pixels / (objects[Math.floor(at / shown.length)]!.area + shown[at % shown.length]!.area - pixels));
  return { objects, shown, shared, iou };
}
