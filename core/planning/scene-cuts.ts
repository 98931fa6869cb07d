import { sceneDistance, type SceneSignature } from './scene-signature';

/**
 * Hard cuts from frame signatures. Before each frame, the frames just before and just after are compared *across* the border and
 * *within* each side. At a cut every pair across is far apart while both sides hold together. Fast motion drives the sides apart
 * as well, and after a flash some frame is like one before it; neither is a cut. Fades and dissolves are not found.
 */

/** Frames looked at on each side; a shot shorter than this may be missed, and a flash up to one shorter is passed over. */
export const SCENE_WINDOW = 3;

export interface SceneDiff {
  /** Smallest distance between a frame before the border and one after it, 0..1. */
  readonly across: number;
  /** Largest distance of neighbouring frames within either side, 0..1. */
  readonly within: number;
}

export interface SceneCutOptions {
  /** Smallest `across` of a cut; raising it finds fewer cuts. */
  readonly minDistance: number;
  /** How many times `across` must exceed `within`; raising it finds fewer cuts in fast motion. */
  readonly minRatio: number;
  /** Frames between two cuts; of nearer ones the stronger counts. */
  readonly minShotFrames: number;
}

export const DEFAULT_SCENE_CUT_OPTIONS: SceneCutOptions = { minDistance: 0.3, minRatio: 2, minShotFrames: SCENE_WINDOW };

/**
 * Frame numbers at which a new scene starts, ascending; never 0.
 * @param diffs diffs[i] describes the border before frame i (diffs[0] is not looked at), as SceneDiffMeter yields them.
 */
export function detectSceneCuts(diffs: readonly SceneDiff[], options: SceneCutOptions = DEFAULT_SCENE_CUT_OPTIONS): number[] {
  const cuts: number[] = [];
  for (let i = 1; i < diffs.length; i++) {
    const diff = diffs[i]!;
    if (diff.across < options.minDistance || diff.across < options.minRatio * diff.within) continue;
    const previous = cuts[cuts.length - 1];
    if (previous === undefined || i - previous >= options.minShotFrames) cuts.push(i);
    else if (diff.across > diffs[previous]!.across) cuts[cuts.length - 1] = i;
  }
  return cuts;
}

/** Frames between which distances are needed: from the first one before a border to the last one after it. */
const REACH = 2 * SCENE_WINDOW - 1;

/** Turns signatures, pushed in order, into one SceneDiff per frame, holding only the last few signatures and their distances. */
export class SceneDiffMeter {
  /** The last REACH signatures, oldest first. */
  private readonly recent: SceneSignature[] = [];
  /** distances[i][lag - 1] is the distance of frame i to frame i - lag; rows that are no longer needed are emptied. */
  private readonly distances: number[][] = [];
  private readonly result: SceneDiff[] = [{ across: 0, within: 0 }];

  push(signature: SceneSignature): void {
    this.distances.push(this.recent.map((earlier) => sceneDistance(earlier, signature)).reverse());
    this.recent.push(signature);
    if (this.recent.length > REACH) this.recent.shift();
    const frames = this.distances.length;
    if (frames > SCENE_WINDOW) this.measure(frames - SCENE_WINDOW);
    if (frames > 2 * REACH) this.distances[frames - 2 * REACH - 1] = [];
  }

  /** All diffs, one per frame pushed. Call once, at the end. */
  finish(): SceneDiff[] {
    const frames = this.distances.length;
    for (let border = Math.max(1, frames - SCENE_WINDOW + 1); border < frames; border++) this.measure(border);
    return frames === 0 ? [] : this.result;
  }

  private measure(border: number): void {
    const first = Math.max(0, border - SCENE_WINDOW);
    const end = Math.min(this.distances.length, border + SCENE_WINDOW);
    let across = Infinity;
    for (let before = first; before < border; before++) {
      for (let after = border; after < end; after++) across = Math.min(across, this.distance(before, after));
    }
    let within = 0;
    for (let i = first + 1; i < end; i++) if (i !== border) within = Math.max(within, this.distance(i - 1, i));
    this.result.push({ across, within });
  }

  private distance(earlier: number, later: number): number {
    return this.distances[later]![later - earlier - 1]!;
  }
}
