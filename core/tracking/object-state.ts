import { emptyAppearance, type AppearanceModel } from './appearance';
import type { ByteReader, ByteWriter } from './byte-codec';

/** What the prompt tracker remembers of one object. */
export interface ObjectState {
  /** Logits of its last good mask in int8 steps on the mask grid. */
  steps: Int8Array;
  /** Running mean of its area, in cells. */
  usualArea: number;
  /** Running mean of the IoU between prediction and result. */
  usualWarpIou: number;
  present: boolean;
  /** Frames since it was last present. */
  absentFor: number;
  readonly appearance: AppearanceModel;
}

/** Share of the old value in running means. */
const KEEP = 0.9;

export function createObjectState(steps: Int8Array): ObjectState {
  return { steps, usualArea: countInside(steps), usualWarpIou: 0.9, present: true, absentFor: 0, appearance: emptyAppearance() };
}

/** A trusted mask from outside replaces the remembered one; the history stays. */
export function refreshObjectState(state: ObjectState, steps: Int8Array): void {
  state.steps = steps;
  state.usualArea = (state.usualArea + countInside(steps)) / 2;
  state.present = true;
  state.absentFor = 0;
}

/** The object was found with this mask. */
export function advanceObjectState(state: ObjectState, steps: Int8Array, area: number, warpIou: number): void {
  state.steps = steps;
  state.usualArea = KEEP * state.usualArea + (1 - KEEP) * area;
  state.usualWarpIou = KEEP * state.usualWarpIou + (1 - KEEP) * warpIou;
  state.present = true;
  state.absentFor = 0;
}

/** Cells above 0. */
export function countInside(values: ArrayLike<number>): number {
  let area = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > 0) area++;
  return area;
}

export function writeObjectState(out: ByteWriter, state: ObjectState): void {
  out.blob(new Uint8Array(state.steps.buffer, state.steps.byteOffset, state.steps.length));
  out.float(state.usualArea).float(state.usualWarpIou).flag(state.present).uint(state.absentFor);
  writeAppearance(out, state.appearance);
}

export function readObjectState(from: ByteReader): ObjectState {
  const steps = new Int8Array(from.blob().buffer);
  return {
    steps,
    usualArea: from.float(),
    usualWarpIou: from.float(),
    present: from.flag(),
    absentFor: from.uint(),
    appearance: readAppearance(from),
  };
}

export function writeAppearance(out: ByteWriter, model: AppearanceModel): void {
  out.floats(model.prototype).float(model.mean).float(model.variance).uint(model.views);
}

export function readAppearance(from: ByteReader): AppearanceModel {
  return { prototype: from.floats(), mean: from.float(), variance: from.float(), views: from.uint() };
}
