import { sam2SettingsSchema, type Sam2Network } from '../../contracts/sam2-network';
import type { PromptBatch } from '../../contracts/segmenter';
import { decodeRle } from '../../core/mask/rle';
import { createTrackFrame } from '../../core/tracking/feature-cache';
import { NO_OBJ_SCORE } from '../../core/tracking/sam2/choose-mask';
import { Sam2Tracker, type RememberedObject } from '../../core/tracking/sam2/sam2-tracker';
import type { TrackedMask, TrackFrame } from '../../core/tracking/types';
import type { Sam2Model } from '../../models/sam2/sam2-model';
import { marginAt } from './decision-margin';
import type { GoldenObject, GoldenPrompt, GoldenRun, Sam2Golden } from './sam2-golden';
import { withSettings } from './with-settings';

/** Largest differences between ours and the original, over all objects and frames of a run. */
export interface RunDifferences {
  /** Masks that were compared. */
  readonly compared: number;
  readonly logits: number;
  readonly memory: number;
  readonly pointer: number;
  readonly score: number;
  /** Largest number of pixels in which one mask differs. */
  readonly pixels: number;
  /** Largest logit by which the original had decided whose a pixel is that ours gives to another; 0 where none differs. */
  readonly margin: number;
  /** Largest values of the original (objects that are not seen left out), beside which differences are to be read. */
  readonly largest: { readonly logits: number; readonly memory: number };
}

/** Follows the objects of one run of the original with our tracker. @throws Error when other objects are found, or remembered otherwise */
export async function compareRun(model: Sam2Model, golden: Sam2Golden, { settings, lines }: GoldenRun): Promise<RunDifferences> {
  const remembered: RememberedObject[] = [];
  const network = withSettings<Sam2Network>(model, sam2SettingsSchema.parse({ ...model.settings, ...settings }));
  const session = new Sam2Tracker({ network, onRemembered: (object) => remembered.push(object) });
  const worst = { compared: 0, logits: 0, memory: 0, pointer: 0, score: 0, pixels: 0, margin: 0 };
  const largest = { logits: 0, memory: 0 };
  for (const [i, { frame, given, tracked, corrected, removed }] of lines.entries()) {
    remembered.length = 0;
    const trackFrame: TrackFrame = createTrackFrame(frame, await golden.image(frame), model);
    const found: TrackedMask[] = i === 0 ? (await session.start(trackFrame), []) : await session.step(trackFrame);
    const moved = remembered.slice();
    remembered.length = 0;
    await session.addObjects(golden.given(given));
    const isNew = (object: number): boolean => given.some((one) => one.object === object) && !corrected.some((one) => one.object === object);
    const pairs = [
      ...tracked.map((theirs) => [theirs, isNew(theirs.object) ? remembered : moved] as const),
      ...corrected.map((theirs) => [theirs, remembered] as const),
    ];
    for (const [theirs, candidates] of pairs) {
      const ours = candidates.find(({ objectId }) => objectId === theirs.object);
      if (ours?.isConditioning !== theirs.isConditioning) throw new Error(`frame ${frame}: object ${theirs.object} is remembered in another way`);
      const [logits, memory] = [golden.span(theirs.logits), golden.span(theirs.memory)];
      worst.logits = Math.max(worst.logits, largestDifference(ours.logits, logits));
      worst.memory = Math.max(worst.memory, largestDifference(ours.memory, memory));
      worst.pointer = Math.max(worst.pointer, largestDifference(ours.pointer, golden.span(theirs.pointer)));
      worst.score = Math.max(worst.score, Math.abs(ours.objectScore - theirs.objectScore));
      largest.logits = Math.max(largest.logits, largestValue(logits));
      largest.memory = Math.max(largest.memory, largestValue(memory));
      worst.compared++;
    }
    if (String(found.map(({ objectId }) => objectId)) !== String(tracked.map(({ object }) => object).filter((object) => !isNew(object)))) throw new Error(`frame ${frame}: other objects are followed`);
    // A new object shares the frame in upstream's answer, and with non_overlap_masks the pixels too.
    if (found.length === tracked.length) for (const { objectId, rle } of found) {
      const own = tracked.find(({ object }) => object === objectId)!;
      const rivals = network.settings.non_overlap_masks ? tracked : [own];
      const different = differentPixels(decodeRle(rle).data, decodeRle(golden.rle(own.counts!)).data);
      worst.pixels = Math.max(worst.pixels, different.length);
      for (const pixel of different) worst.margin = Math.max(worst.margin, marginOf(golden, rivals, pixel));
    }
    session.removeObjects(removed);
  }
  return { ...worst, largest };
}

/** Largest differences of masks (logits) and predicted IoUs of the image model for one prompt. */
export async function comparePrompt(model: Sam2Model, golden: Sam2Golden, prompt: GoldenPrompt): Promise<{ readonly masks: number; readonly scores: number }> {
  const batch: PromptBatch = {
    count: 1,
    pointsPerPrompt: prompt.labels.length,
    pointCoords: Float32Array.from(prompt.points.flat()),
    pointLabels: Float32Array.from(prompt.labels),
    ...(prompt.maskInput ? { maskInput: golden.span(prompt.maskInput) } : {}),
  };
  const { logits, predictedIous } = await model.decode(await model.encode(await golden.image(0)), batch);
  return { masks: largestDifference(logits, golden.span(prompt.masks)), scores: largestDifference(predictedIous, golden.span(prompt.scores)) };
}

/** Infinity for a difference that is no number. @throws Error when the two have different lengths */
export function largestDifference(ours: Float32Array, theirs: Float32Array): number {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} values, not ${theirs.length}`);
  return ours.reduce((worst, value, i) => {
    const difference = Math.abs(value - theirs[i]!);
    return Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }, 0);
}

function largestValue(values: Float32Array): number {
  return values.reduce((most, value) => (value === NO_OBJ_SCORE ? most : Math.max(most, Math.abs(value))), 0);
}

function differentPixels(ours: Uint8Array, theirs: Uint8Array): number[] {
  return Array.from(ours.keys()).filter((pixel) => ours[pixel] !== theirs[pixel]);
}

function marginOf(golden: Sam2Golden, rivals: readonly GoldenObject[], pixel: number): number {
  return marginAt(pixel, golden.size, rivals.map(({ logits }) => golden.span(logits)));
}
