import { rleArea } from '../mask/rle';
import { describeRle, rleIntersectionAreaWithin } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { addTo } from './pair-counts';

/** How one object of the truth was followed. */
export interface ObjectScore {
  readonly truthId: number;
  /** Predicted track with the highest mean J over the object's visible frames; null when none ever met it. */
  readonly bestTrack: number | null;
  /** Mean J of that one track over frames where the object is in the truth, 0..1. */
  readonly bestTrackJ: number;
  /** Mean J of the same track over all labelled frames; where the truth has no object, an empty prediction counts 1. */
  readonly bestTrackJAllFrames: number;
  readonly visibleFrames: number;
  /** Share of visible frames on which some prediction reaches IoU 0.5. */
  readonly coverage: number;
  /** Changes of the predicted track that matches best, over frames where one reaches IoU 0.5. */
  readonly idSwitches: number;
  /** Frames on which those changes were seen. */
  readonly switchFrames: readonly number[];
  /** Interruptions: a matched stretch follows an unmatched visible one that itself followed a match. */
  readonly fragments: number;
  /** Number of different tracks that ever matched best at IoU 0.5. */
  readonly tracksUsed: number;
}

interface TruthState {
  visible: number;
  covered: number;
  switches: number[];
  fragments: number;
  lastMatch: number | null;
  lost: boolean;
  readonly used: Set<number>;
  readonly sumJ: Map<number, number>;
}

const MATCH_IOU = 0.5;

/**
 * Scores tracks against partly labelled truth, frame by frame: call `addFrame` for every labelled frame in order, then
 * `result`. Pixels without a label never count against a prediction by being a separate object. Memory grows with pairs
 * of objects that meet, not with frames (but for one number per ID switch).
 *
 * When several predictions reach IoU 0.5 on a frame (nested masks), the one matched last time is kept while it is within
 * 0.05 of the best: a part and its whole that take turns by a hair are no identity switch.
 */
export class BestTrackScorer {
  private readonly states = new Map<number, TruthState>();
  /** Frames on which a track is visible. */
  private readonly presence = new Map<number, number>();
  /** together[truth][track]: frames on which both are visible. */
  private readonly together = new Map<number, Map<number, number>>();
  private frames = 0;

  /**
   * @param predictions masks by track ID
   * @param truth masks by truth ID (visible objects only); one size for all
   * @returns the visible objects, each with the track that matches it on this frame, or null
   */
  addFrame(frame: number, predictions: ReadonlyMap<number, Rle>, truth: ReadonlyMap<number, Rle>): Map<number, number | null> {
    this.frames++;
    const matches = new Map<number, number | null>();
    const shown = [...predictions].map(([id, rle]) => ({ id, rle, ...describeRle(rle) })).filter((p) => p.area > 0);
    for (const { id } of shown) addTo(this.presence, id);
    for (const [truthId, rle] of truth) {
      if (rleArea(rle) === 0) continue;
      const state = this.stateOf(truthId);
      const extent = describeRle(rle);
      const ious = new Map<number, number>();
      for (const p of shown) {
        const shared = rleIntersectionAreaWithin(p.rle, rle, p, extent);
        if (shared > 0) ious.set(p.id, shared / (p.area + extent.area - shared));
      }
      state.visible++;
      for (const [id, iou] of ious) addTo(state.sumJ, id, iou);
      const match = bestMatch(ious, state.lastMatch);
      noteMatch(state, frame, match);
      matches.set(truthId, match);
      this.noteSeenTogether(truthId, shown);
    }
    return matches;
  }

  /** Scores by ascending truth ID. */
  result(): ObjectScore[] {
    return [...this.states]
      .sort((a, b) => a[0] - b[0])
      .map(([truthId, state]): ObjectScore => {
        let bestTrack: number | null = null;
        let bestSum = 0;
        for (const [id, sum] of [...state.sumJ].sort((a, b) => a[0] - b[0]))
          if (sum > bestSum) {
            bestTrack = id;
            bestSum = sum;
          }
        // Where the truth shows nothing, J is 1 if the track shows nothing either, else 0.
        const hidden = this.frames - state.visible;
        const shownHidden =
          bestTrack === null ? 0 : (this.presence.get(bestTrack) ?? 0) - (this.together.get(truthId)?.get(bestTrack) ?? 0);
        return {
          truthId,
          bestTrack,
          bestTrackJ: bestSum / state.visible,
          bestTrackJAllFrames: (bestSum + hidden - shownHidden) / this.frames,
          visibleFrames: state.visible,
          coverage: state.covered / state.visible,
          idSwitches: state.switches.length,
          switchFrames: state.switches,
          fragments: state.fragments,
          tracksUsed: state.used.size,
        };
      });
  }

  private noteSeenTogether(truthId: number, shown: readonly { id: number }[]): void {
    let counts = this.together.get(truthId);
    if (!counts) this.together.set(truthId, (counts = new Map()));
    for (const { id } of shown) addTo(counts, id);
  }

  private stateOf(truthId: number): TruthState {
    let state = this.states.get(truthId);
    if (!state) {
      state = { visible: 0, covered: 0, switches: [], fragments: 0, lastMatch: null, lost: false, used: new Set(), sumJ: new Map() };
      this.states.set(truthId, state);
    }
    return state;
  }
}

/** Track that matches best at IoU 0.5 (ties: lower ID), or the previous one while it is nearly as good; null when none. */
function bestMatch(ious: ReadonlyMap<number, number>, previous: number | null): number | null {
  let best: number | null = null;
  let bestIou = 0;
  for (const [id, iou] of ious) {
    if (iou < MATCH_IOU || iou < bestIou || (iou === bestIou && best !== null && id > best)) continue;
    best = id;
    bestIou = iou;
  }
  const kept = previous === null ? 0 : (ious.get(previous) ?? 0);
  return kept >= MATCH_IOU && kept >= bestIou - 0.05 ? previous : best;
}

function noteMatch(state: TruthState, frame: number, match: number | null): void {
  if (match === null) {
    state.lost = state.lastMatch !== null;
    return;
  }
  state.covered++;
  state.used.add(match);
  if (state.lost) state.fragments++;
  if (state.lastMatch !== null && state.lastMatch !== match) state.switches.push(frame);
  state.lastMatch = match;
  state.lost = false;
}
