import { sam2SettingsSchema, type Sam2Network, type Sam2Settings } from '../../../contracts/sam2-network';
import type { PromptBatch } from '../../../contracts/segmenter';
import { rleArea } from '../../../core/mask/rle';
import { rleIntersectionArea } from '../../../core/mask/rle-ops';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { Sam2Tracker, type RememberedObject } from '../../../core/tracking/sam2/sam2-tracker';
import type { TrackedMask, TrackFrame } from '../../../core/tracking/types';
import type { Sam2Model } from '../../../models/sam2/sam2-model';
import { goldenImage, largestDifference, type Golden, type GoldenPrompt, type GoldenRun } from './sam2-golden';

/** The networks under other settings. */
function withSettings(model: Sam2Model, settings: Partial<Sam2Settings>): Sam2Network {
  return new Proxy(model, { get: (target, name) => (name === 'settings' ? sam2SettingsSchema.parse({ ...target.settings, ...settings }) : bind(target, name)) });
}

function bind(target: Sam2Model, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

/**
 * Expects one run of the tracker to give the original's logits within 1e-3 and its memories within 1e-4 on every frame, and masks of which no more than
 * `pixels` differ: those whose logit is nearly 0, or nearly that of another object.
 */
export async function expectSameRun(model: Sam2Model, golden: Golden, { settings, lines }: GoldenRun, pixels = 2): Promise<void> {
  const remembered: RememberedObject[] = [];
  const session = new Sam2Tracker({ network: withSettings(model, settings), onRemembered: (object) => remembered.push(object) });
  let compared = 0;
  const worst = { logits: 0, memory: 0, pointer: 0, score: 0, pixels: 0 };
  for (const [i, { frame, given, tracked, corrected, removed }] of lines.entries()) {
    remembered.length = 0;
    const trackFrame: TrackFrame = createTrackFrame(frame, await goldenImage(frame), model);
    const found: TrackedMask[] = i === 0 ? (await session.start(trackFrame), []) : await session.step(trackFrame);
    const moved = remembered.slice();
    remembered.length = 0;
    await session.addObjects(given.map(({ object, counts }) => ({ objectId: object, rle: golden.rle(counts), score: 1 })));
    const isNew = (object: number): boolean => given.some((one) => one.object === object) && !corrected.some((one) => one.object === object);
    const pairs = [
      ...tracked.map((theirs) => [theirs, (isNew(theirs.object) ? remembered : moved).find(({ objectId }) => objectId === theirs.object)] as const),
      ...corrected.map((theirs) => [theirs, remembered.find(({ objectId }) => objectId === theirs.object)] as const),
    ];
    for (const [theirs, ours] of pairs) {
      expect(ours).toMatchObject({ isConditioning: theirs.isConditioning });
      worst.logits = Math.max(worst.logits, largestDifference(ours!.logits, golden.span(theirs.logits)));
      worst.memory = Math.max(worst.memory, largestDifference(ours!.memory, golden.span(theirs.memory)));
      worst.pointer = Math.max(worst.pointer, largestDifference(ours!.pointer, golden.span(theirs.pointer)));
      worst.score = Math.max(worst.score, Math.abs(ours!.objectScore - theirs.objectScore));
      compared++;
    }
    // A new object shares the frame in upstream's answer, and with non_overlap_masks the pixels too.
    if (found.length === tracked.length) for (const { objectId, rle } of found) {
      const theirs = golden.rle(tracked.find(({ object }) => object === objectId)!.counts!);
      worst.pixels = Math.max(worst.pixels, rleArea(theirs) + rleArea(rle) - 2 * rleIntersectionArea(theirs, rle));
    }
    expect(found.map(({ objectId }) => objectId)).toEqual(tracked.map(({ object }) => object).filter((object) => !isNew(object)));
    session.removeObjects(removed);
  }
  expect(compared).toBeGreaterThan(15);
  expect(worst.logits).toBeLessThan(1e-3);
  expect(worst.memory).toBeLessThan(1e-4);
  expect(worst.pointer).toBeLessThan(1e-4);
  expect(worst.score).toBeLessThan(1e-3);
  expect(worst.pixels).toBeLessThanOrEqual(pixels);
}

/** Expects the image model to draw the original's masks for points, boxes and masks. */
export async function expectSameMasks(model: Sam2Model, golden: Golden, prompt: GoldenPrompt): Promise<void> {
  const batch: PromptBatch = {
    count: 1,
    pointsPerPrompt: prompt.labels.length,
    pointCoords: Float32Array.from(prompt.points.flat()),
    pointLabels: Float32Array.from(prompt.labels),
    ...(prompt.maskInput ? { maskInput: golden.span(prompt.maskInput) } : {}),
  };
  const { logits, predictedIous, masksPerPrompt } = await model.decode(await model.encode(await goldenImage(0)), batch);
  expect(masksPerPrompt).toBe(4);
  expect(largestDifference(logits, golden.span(prompt.masks))).toBeLessThan(1e-3);
  expect(largestDifference(predictedIous, golden.span(prompt.scores))).toBeLessThan(1e-4);
}

/** Names and prompts for it.each. */
export function promptCases(golden: Golden): (readonly [string, GoldenPrompt])[] {
  return golden.prompts.map((prompt) => [`${prompt.labels.join(' ')}${prompt.maskInput ? ' and a mask' : ''}`, prompt] as const);
}
