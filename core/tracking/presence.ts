import { appearanceDrop } from './appearance';
import type { MaskCandidate } from './candidate-masks';
import type { ObjectState } from './object-state';

/** Frames during which an absent object is asked for on every frame, and how often after that. */
export const REVIVAL_FRAMES = 12;
export const LATE_REVIVAL_EVERY = 8;

/** Whether an object that has been absent for so many frames is asked for on the next one. */
export function isRevivalDue(absentFor: number): boolean {
  return absentFor < REVIVAL_FRAMES || absentFor % LATE_REVIVAL_EVERY === 0;
}

/**
 * Whether a followed object is really there. No single signal is enough (a tracker that slid onto something else is as sure
 * of itself as before), so each is compared with the object's own history: area collapsed to under a quarter of the usual;
 * almost nothing in common with the prediction; or a poor fit together with an unusual look.
 */
export function isStillPresent(state: ObjectState, found: MaskCandidate, view: Float32Array): boolean {
  if (found.area < 0.25 * state.usualArea && state.usualArea >= 8) return false;
  if (found.warpIou < 0.25 * state.usualWarpIou) return false;
  const drop = appearanceDrop(state.appearance, view);
  const poorFit = found.warpIou < 0.6 * state.usualWarpIou || found.predictedIou < 0.5;
  if (poorFit && drop > 2) return false;
  return drop < 8 || found.warpIou > 0.8 * state.usualWarpIou;
}

/** Whether an absent object is back: like area, over its last place, a sure mask, and its usual look. */
export function isBack(state: ObjectState, found: MaskCandidate, view: Float32Array): boolean {
  const ratio = found.area / Math.max(1, state.usualArea);
  return ratio > 0.6 && ratio < 1.7 && found.warpIou > 0.5 && found.predictedIou > 0.7 && appearanceDrop(state.appearance, view) < 2;
}
