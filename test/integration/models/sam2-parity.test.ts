import { sam2SettingsSchema, type Sam2Network, type Sam2Settings } from '../../../contracts/sam2-network';
import { rleArea } from '../../../core/mask/rle';
import { rleIntersectionArea } from '../../../core/mask/rle-ops';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { Sam2Tracker, type RememberedObject } from '../../../core/tracking/sam2/sam2-tracker';
import type { TrackedMask, TrackFrame } from '../../../core/tracking/types';
import type { Sam2Model } from '../../../models/sam2/sam2-model';
import { golden, goldenImage, goldenRle, largestDifference, openGoldenSam2, spanOf } from './sam2-golden';

let model: Sam2Model;
beforeAll(async () => (model = await openGoldenSam2()));
afterAll(() => model.dispose());

/** The networks under other settings. */
function withSettings(settings: Partial<Sam2Settings>): Sam2Network {
  return new Proxy(model, { get: (target, name) => (name === 'settings' ? sam2SettingsSchema.parse({ ...target.settings, ...settings }) : bind(target, name)) });
}

function bind(target: Sam2Model, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

const frameOf = async (position: number): Promise<TrackFrame> => createTrackFrame(position, await goldenImage(position), model);

describe('the SAM 2 tracker against the Python original, same weights', () => {
  it.each(Object.entries(golden.runs))('gives its logits within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, { settings, lines }) => {
    const remembered: RememberedObject[] = [];
    const session = new Sam2Tracker({ network: withSettings(settings), onRemembered: (object) => remembered.push(object) });
    let compared = 0;
    const worst = { logits: 0, memory: 0, pointer: 0, score: 0, pixels: 0 };
    for (const [i, { frame, given, tracked, corrected, removed }] of lines.entries()) {
      remembered.length = 0;
      const trackFrame = await frameOf(frame);
      const found: TrackedMask[] = i === 0 ? (await session.start(trackFrame), []) : await session.step(trackFrame);
      const moved = remembered.slice();
      remembered.length = 0;
      await session.addObjects(given.map(({ object, counts }) => ({ objectId: object, rle: goldenRle(counts), score: 1 })));
      const isNew = (object: number): boolean => given.some((one) => one.object === object) && !corrected.some((one) => one.object === object);
      const pairs = [
        ...tracked.map((theirs) => [theirs, (isNew(theirs.object) ? remembered : moved).find(({ objectId }) => objectId === theirs.object)] as const),
        ...corrected.map((theirs) => [theirs, remembered.find(({ objectId }) => objectId === theirs.object)] as const),
      ];
      for (const [theirs, ours] of pairs) {
        expect(ours).toMatchObject({ isConditioning: theirs.isConditioning });
        worst.logits = Math.max(worst.logits, largestDifference(ours!.logits, spanOf(theirs.logits)));
        worst.memory = Math.max(worst.memory, largestDifference(ours!.memory, spanOf(theirs.memory)));
        worst.pointer = Math.max(worst.pointer, largestDifference(ours!.pointer, spanOf(theirs.pointer)));
        worst.score = Math.max(worst.score, Math.abs(ours!.objectScore - theirs.objectScore));
        compared++;
      }
      // A new object shares the frame in upstream's answer, and with non_overlap_masks the pixels too.
      if (found.length === tracked.length) for (const { objectId, rle } of found) {
        const theirs = goldenRle(tracked.find(({ object }) => object === objectId)!.counts!);
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
    expect(worst.pixels).toBeLessThanOrEqual(2);
  });
});
