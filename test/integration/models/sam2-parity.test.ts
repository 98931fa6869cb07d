import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageRgb } from '../../../adapters/png/png';
import { sam2SettingsSchema, type Sam2Network, type Sam2Settings } from '../../../contracts/sam2-network';
import { rleArea } from '../../../core/mask/rle';
import { rleIntersectionArea } from '../../../core/mask/rle-ops';
import type { Rle } from '../../../core/mask/types';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { Sam2Tracker, type RememberedObject } from '../../../core/tracking/sam2/sam2-tracker';
import type { TrackedMask, TrackFrame } from '../../../core/tracking/types';
import { openGoldenSam2, GOLDEN_SAM2 } from './sam2-golden';
import type { Sam2Model } from '../../../models/sam2/sam2-model';

/** [offset, length] in floats.bin. */
type Span = readonly [number, number];
interface GoldenObject {
  readonly object: number;
  readonly isConditioning: boolean;
  readonly logits: Span;
  readonly memory: Span;
  readonly pointer: Span;
  readonly objectScore: number;
  readonly counts?: readonly number[];
}
interface GoldenLine {
  readonly frame: number;
  readonly given: readonly { readonly object: number; readonly counts: readonly number[] }[];
  readonly tracked: readonly GoldenObject[];
  readonly corrected: readonly GoldenObject[];
  readonly removed: readonly number[];
}
interface Golden {
  readonly width: number;
  readonly height: number;
  readonly runs: Readonly<Record<string, { readonly reverse: boolean; readonly settings: Partial<Sam2Settings>; readonly lines: readonly GoldenLine[] }>>;
  readonly prompts: readonly { readonly points: readonly (readonly number[])[]; readonly labels: readonly number[]; readonly masks: Span; readonly scores: Span; readonly maskInput?: Span }[];
}

const golden = JSON.parse(readFileSync(join(GOLDEN_SAM2, 'golden.json'), 'utf8')) as Golden;
const bytes = readFileSync(join(GOLDEN_SAM2, 'floats.bin'));
const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const spanOf = ([offset, length]: Span): Float32Array => floats.subarray(offset, offset + length);

let model: Sam2Model;
beforeAll(async () => (model = await openGoldenSam2()));
afterAll(() => model.dispose());

function largestDifference(ours: Float32Array, theirs: Float32Array): number {
  expect(ours).toHaveLength(theirs.length);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i]!)), 0);
}

function rleOf(counts: readonly number[]): Rle {
  return { width: golden.width, height: golden.height, counts: Uint32Array.from(counts) };
}

/** The networks under other settings. */
function withSettings(settings: Partial<Sam2Settings>): Sam2Network {
  return new Proxy(model, { get: (target, name) => (name === 'settings' ? sam2SettingsSchema.parse({ ...target.settings, ...settings }) : bind(target, name)) });
}

function bind(target: Sam2Model, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

const frameOf = async (position: number): Promise<TrackFrame> =>
  createTrackFrame(position, await readImageRgb(join(GOLDEN_SAM2, `frame-${String(position).padStart(2, '0')}.png`)), model);

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
      await session.addObjects(given.map(({ object, counts }) => ({ objectId: object, rle: rleOf(counts), score: 1 })));
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
        const theirs = rleOf(tracked.find(({ object }) => object === objectId)!.counts!);
        worst.pixels = Math.max(worst.pixels, rleArea(theirs) + rleArea(rle) - 2 * rleIntersectionArea(theirs, rle));
      }
      expect(found.map(({ objectId }) => objectId)).toEqual(tracked.map(({ object }) => object).filter((object) => !isNew(object)));
      session.removeObjects(removed);
    }
    expect(compared).toBeGreaterThan(15);
    if (process.env['DBG']) console.log(_name, worst);
    expect(worst.logits).toBeLessThan(1e-3);
    expect(worst.memory).toBeLessThan(1e-4);
    expect(worst.pointer).toBeLessThan(1e-4);
    expect(worst.score).toBeLessThan(1e-3);
    expect(worst.pixels).toBeLessThanOrEqual(2);
  });
});
