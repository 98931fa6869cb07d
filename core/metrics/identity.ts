import { assignMinCost } from '../matching/linear-assignment';
import { describeRle, rleIntersectionAreaWithin } from '../mask/rle-ops';
import type { Rle } from '../mask/types';

export interface IdentityScore {
  readonly idf1: number;
  readonly idPrecision: number;
  readonly idRecall: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Truth ID -> track ID of the best one-to-one map, pairs that share at least one matched frame. */
  readonly mapping: ReadonlyMap<number, number>;
}

/**
 * IDF1 = IDTP / (IDTP + IDFP/2 + IDFN/2) under the one-to-one map of truth objects to tracks with the most matched frames
 * at IoU >= 0.5 (Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016),
 * for truth that labels only some objects. A track counts on a frame only when it is the best match (IoU >= 0.5, ties:
 * lower ID) of some labelled object, or when the object it is mapped to is visible. So a track is never punished for
 * following something nobody labelled, nor a part for lying on a labelled whole that another track covers better; taking
 * over an object from another track is punished.
 *
 * Streaming: call `addFrame` for each labelled frame, then `result`. Memory grows with the pairs of objects that match.
 */
export class IdentityScorer {
  private readonly truthFrames = new Map<number, number>();
  /** matched[truth][track]: frames with IoU >= 0.5; present[truth][track]: frames with both visible. */
  private readonly matched = new Map<number, Map<number, number>>();
  private readonly present = new Map<number, Map<number, number>>();
  /** Frames on which a track is the best match of some labelled object. */
  private readonly claims = new Map<number, number>();
  /** claimsBeside[truth][track]: those of them on which the truth object is visible. */
  private readonly claimsBeside = new Map<number, Map<number, number>>();

  addFrame(predictions: ReadonlyMap<number, Rle>, truth: ReadonlyMap<number, Rle>): void {
    const shown = [...predictions].map(([id, rle]) => ({ id, rle, ...describeRle(rle) })).filter((p) => p.area > 0);
    const claimed = new Set<number>();
    const visible: number[] = [];
    for (const [truthId, rle] of truth) {
      const extent = describeRle(rle);
      if (extent.area === 0) continue;
      visible.push(truthId);
      let best: { id: number; iou: number } | undefined;
      for (const { id, ...p } of shown) {
        const shared = rleIntersectionAreaWithin(p.rle, rle, p, extent);
        const iou = shared / (p.area + extent.area - shared);
        count(this.present, truthId, id);
        if (iou < 0.5) continue;
        count(this.matched, truthId, id);
        if (!best || iou > best.iou || (iou === best.iou && id < best.id)) best = { id, iou };
      }
      if (best) claimed.add(best.id);
    }
    for (const id of claimed) this.claims.set(id, (this.claims.get(id) ?? 0) + 1);
    for (const truthId of visible) {
      this.truthFrames.set(truthId, (this.truthFrames.get(truthId) ?? 0) + 1);
      for (const id of claimed) count(this.claimsBeside, truthId, id);
    }
  }

  result(): IdentityScore {
    const truths = [...this.truthFrames.keys()].sort((a, b) => a - b);
    const tracks = [...new Set([...this.matched.values()].flatMap((m) => [...m.keys()]))].sort((a, b) => a - b);
    const shared = (truth: number, track: number): number => this.matched.get(truth)?.get(track) ?? 0;
    const cost = truths.flatMap((truth) => tracks.map((track) => 0 - shared(truth, track)));
    const mapping = new Map<number, number>();
    let truePositives = 0;
    for (const { row, col } of assignMinCost(cost, truths.length, tracks.length)) {
      const frames = shared(truths[row]!, tracks[col]!);
      if (frames === 0) continue;
      mapping.set(truths[row]!, tracks[col]!);
      truePositives += frames;
    }
    const owner = new Map([...mapping].map(([truth, track]) => [track, truth]));
    let predicted = 0;
    for (const track of tracks) {
      const truth = owner.get(track);
      predicted += this.claims.get(track) ?? 0;
      if (truth === undefined) continue;
      predicted += (this.present.get(truth)?.get(track) ?? 0) - (this.claimsBeside.get(truth)?.get(track) ?? 0);
    }
    const real = truths.reduce((sum, truth) => sum + this.truthFrames.get(truth)!, 0);
    const ratio = (a: number, b: number): number => (b === 0 ? 1 : a / b);
    return {
      idf1: ratio(2 * truePositives, predicted + real),
      idPrecision: ratio(truePositives, predicted),
      idRecall: ratio(truePositives, real),
      truePositives,
      falsePositives: predicted - truePositives,
      falseNegatives: real - truePositives,
      mapping,
    };
  }
}

function count(table: Map<number, Map<number, number>>, row: number, column: number): void {
  let counts = table.get(row);
  if (!counts) table.set(row, (counts = new Map()));
  counts.set(column, (counts.get(column) ?? 0) + 1);
}
