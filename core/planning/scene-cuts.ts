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

/** Turns signatures, pushed in order, into one SceneDiff per frame, holding only 2 * SCENE_WINDOW signatures. */
export class SceneDiffMeter {
  private readonly recent: SceneSignature[] = [];
  private readonly result: SceneDiff[] = [{ across: 0, within: 0 }];
  private frames = 0;

  push(signature: SceneSignature): void {
    this.recent.push(signature);
    this.frames++;
    const border = this.frames - SCENE_WINDOW;
    if (border >= 1) this.measure(border);
    if (this.recent.length >= 2 * SCENE_WINDOW) this.recent.shift();
  }

  /** All diffs, one per frame pushed. Call once, at the end. */
  finish(): SceneDiff[] {
    for (let border = Math.max(1, this.frames - SCENE_WINDOW + 1); border < this.frames; border++) this.measure(border);
    return this.frames === 0 ? [] : this.result;
  }

  private measure(border: number): void {
    const firstHeld = this.frames - this.recent.length;
    const before = this.recent.slice(Math.max(0, border - SCENE_WINDOW - firstHeld), border - firstHeld);
    const after = this.recent.slice(border - firstHeld, border - firstHeld + SCENE_WINDOW);
    let across = Infinity;
    for (const a of before) for (const b of after) across = Math.min(across, sceneDistance(a, b));
    this.result.push({ across, within: Math.max(widestStep(before), widestStep(after)) });
  }
}

function widestStep(side: readonly SceneSignature[]): number {
  let widest = 0;
  for (let i = 1; i < side.length; i++) widest = Math.max(widest, sceneDistance(side[i - 1]!, side[i]!));
  return widest;
}
