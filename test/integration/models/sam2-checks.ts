import { comparePrompt, compareRun } from '../../../bench/study/sam2-compare';
import type { GoldenPrompt, GoldenRun } from '../../../bench/study/sam2-golden';
import type { Sam2Model } from '../../../models/sam2/sam2-model';
import type { Golden } from './sam2-golden';

/**
 * Expects one run of the tracker to give the original's logits within 1e-3 and its memories within 1e-4 on every frame, and masks of which no more than
 * `pixels` differ, and those only where the original decided by less than the rounding of a logit (2e-5).
 */
export async function expectSameRun(model: Sam2Model, golden: Golden, run: GoldenRun, pixels = 2): Promise<void> {
  const worst = await compareRun(model, golden, run);
  expect(worst.compared).toBeGreaterThan(15);
  expect(worst.logits).toBeLessThan(1e-3);
  expect(worst.memory).toBeLessThan(1e-4);
  expect(worst.pointer).toBeLessThan(1e-4);
  expect(worst.score).toBeLessThan(1e-3);
  expect(worst.pixels).toBeLessThanOrEqual(pixels);
  expect(worst.margin).toBeLessThan(2e-5);
}

/** Expects the image model to draw the original's masks for points, boxes and masks. */
export async function expectSameMasks(model: Sam2Model, golden: Golden, prompt: GoldenPrompt): Promise<void> {
  const { masks, scores } = await comparePrompt(model, golden, prompt);
  expect(masks).toBeLessThan(1e-3);
  expect(scores).toBeLessThan(1e-4);
}

/** Names and prompts for it.each. */
export function promptCases(golden: Golden): (readonly [string, GoldenPrompt])[] {
  return golden.prompts.map((prompt) => [`${prompt.labels.join(' ')}${prompt.maskInput ? ' and a mask' : ''}`, prompt] as const);
}
