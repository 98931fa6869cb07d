import { assignMinCost } from '../matching/linear-assignment';
import type { JudgedFrame } from './judged-frame';
import { ratio } from './pair-counts';

export interface ClearScore {
  /** 1 - (misses + false positives + ID switches) / detections of the truth; below 0 when there are more errors than objects. */
  readonly mota: number;
  /** Mean IoU of matched detections, 0..1; 0 without a match. */
  readonly motp: number;
  /** MOTA with each match weighted by its IoU. */
  readonly smota: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly idSwitches: number;
  readonly fragments: number;
  /** Objects matched on more than 80 %, on 20 to 80 %, and on less than 20 % of the frames that show them. */
  readonly mostlyTracked: number;
  readonly partlyTracked: number;
  readonly mostlyLost: number;
}

interface ObjectState {
  visible: number;
  matched: number;
  /** Track of the last match, however long ago; null before the first. */
  lastTrack: number | null;
  /** Track on the last judged frame, if the object was matched there. */
  current: number | null;
  stretches: number;
}

const MATCH_IOU = 0.5;
/** A pair that goes on from the frame before outweighs any IoU. */
const KEEP = 1000;

/**
 * CLEAR MOT at IoU 0.5 (Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT
 * Metrics", 2008; `metrics/clear.py` of TrackEval, whose choices are followed): pairs of the frame before are kept where they still
 * reach 0.5, the rest is matched by IoU. An ID switch is a match with another track than the object's last one, however
 * long ago; a fragment is a matched stretch after the first. Frames without truth or without predictions do not end a stretch.
 *
 * Streaming: call `addFrame` for each frame in order, then `result`. Memory grows with the number of objects.
 */
export class ClearScorer {
  private readonly objects = new Map<number, ObjectState>();
  private truthDetections = 0;
  private trackDetections = 0;
  private truePositives = 0;
  private idSwitches = 0;
  private iouSum = 0;

  addFrame({ truthIds, trackIds, iou }: JudgedFrame): void {
    this.truthDetections += truthIds.length;
    this.trackDetections += trackIds.length;
    const states = truthIds.map((id) => this.stateOf(id));
    for (const state of states) state.visible++;
    if (truthIds.length === 0 || trackIds.length === 0) return;
    const columns = trackIds.length;
    const score = iou.map((value, at) => {
      if (value < MATCH_IOU - Number.EPSILON) return 0;
      return states[Math.floor(at / columns)]!.current === trackIds[at % columns] ? KEEP + value : value;
    });
    const pairs = assignMinCost(score.map((value) => 0 - value), truthIds.length, columns).filter(({ row, col }) => score[row * columns + col]! > 0);
    const before = new Map(pairs.map(({ row }) => [row, states[row]!.current]));
    for (const state of this.objects.values()) state.current = null;
    for (const { row, col } of pairs) {
      const state = states[row]!;
      const track = trackIds[col]!;
      if (state.lastTrack !== null && state.lastTrack !== track) this.idSwitches++;
      if (before.get(row) === null) state.stretches++;
      state.lastTrack = state.current = track;
      state.matched++;
      this.truePositives++;
      this.iouSum += iou[row * columns + col]!;
    }
  }

  result(): ClearScore {
    const states = [...this.objects.values()];
    const count = (holds: (share: number) => boolean): number => states.filter(({ matched, visible }) => holds(matched / visible)).length;
    const falsePositives = this.trackDetections - this.truePositives;
    return {
      mota: ratio(this.truePositives - falsePositives - this.idSwitches, this.truthDetections, 0),
      motp: ratio(this.iouSum, this.truePositives, 0),
      smota: ratio(this.iouSum - falsePositives - this.idSwitches, this.truthDetections, 0),
      truePositives: this.truePositives,
      falsePositives,
      falseNegatives: this.truthDetections - this.truePositives,
      idSwitches: this.idSwitches,
      fragments: states.reduce((sum, { stretches }) => sum + Math.max(0, stretches - 1), 0),
      mostlyTracked: count((share) => share > 0.8),
      partlyTracked: count((share) => share >= 0.2 && share <= 0.8),
      mostlyLost: count((share) => share < 0.2),
    };
  }

  private stateOf(id: number): ObjectState {
    let state = this.objects.get(id);
    if (!state) this.objects.set(id, (state = { visible: 0, matched: 0, lastTrack: null, current: null, stretches: 0 }));
    return state;
  }
}
