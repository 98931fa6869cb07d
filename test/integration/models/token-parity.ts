import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { rleDifferenceArea } from '../../../core/mask/rle-ops';
import { concatenate } from '../../../core/tracking/object-parts';
import type { TokenMemory } from '../../../core/tracking/token-memory/token-memory';
import type { TokenTrackerDeps } from '../../../core/tracking/token-memory/token-tracker';
import type { TrackedMask, TrackFrame, TrackerSession } from '../../../core/tracking/types';
import { goldenImage, largestDifference } from './sam2-golden';
import type { GoldenLine, GoldenMemory, TokenGolden } from './token-golden';

const frameOf = async (position: number): Promise<TrackFrame> => ({ position, image: await goldenImage(position), embedding: (): ReturnType<PromptableSegmenter['encode']> => Promise.reject(new Error('not needed')) });

/** How a family's tracker is compared with golden lines. */
export interface Parity<ObjectState> {
  readonly golden: TokenGolden<unknown>;
  /** Numbers of an object by the names in the golden file, and by what a difference is divided. */
  readonly numbersOf: (state: ObjectState) => Readonly<Record<string, Float32Array>>;
  readonly unitOf?: (name: string, theirs: Float32Array) => number;
  readonly open: (told: Pick<TokenTrackerDeps<unknown, TokenMemory<ObjectState>>, 'onFrame' | 'onLeave'>) => TrackerSession;
}

/** The largest difference of anything that is remembered. */
function compareMemories<ObjectState>(ours: TokenMemory<ObjectState>, theirs: GoldenMemory, { golden, numbersOf, unitOf = () => 1 }: Parity<ObjectState>): number {
  let worst = 0;
  const compare = (a: Float32Array, span: readonly [number, number], name = ''): void => {
    const numbers = golden.span(span);
    worst = Math.max(worst, largestDifference(a, numbers) / unitOf(name, numbers));
  };
  expect([...ours.objects.keys()].sort()).toEqual(theirs.objects.map(({ id }) => id).sort());
  for (const { id, ...spans } of theirs.objects) {
    const numbers = numbersOf(ours.objects.get(id)!);
    expect(Object.keys(numbers)).toEqual(Object.keys(spans));
    for (const [name, span] of Object.entries(spans)) compare(numbers[name]!, span, name);
  }
  expect(ours.buckets.map(({ objects, stores }) => ({ objects, sizes: stores.map(({ count }) => count) }))).toEqual(theirs.buckets.map(({ objects, sizes }) => ({ objects, sizes })));
  theirs.buckets.forEach(({ objects, keys, shrinkage, values, usage }, i) => {
    const { stores, long, work } = ours.buckets[i]!;
    compare(concatenate(stores.map((store) => store.keys)), keys);
    compare(concatenate(stores.map((store) => store.shrinkage)), shrinkage);
    objects.forEach((id, j) => compare(concatenate(stores.map((store) => store.values.get(id) ?? new Float32Array(0))), values[j]!));
    const counted = [long, work].filter(({ count }) => count > 0);
    usage.forEach((span, j) => compare(counted[j]!.usage(), span));
  });
  return worst;
}

/** Frame by frame: logits within 1e-3, everything remembered within 1e-4, masks but for 2 pixels. */
export async function expectParity<ObjectState>(lines: readonly GoldenLine[], parity: Parity<ObjectState>): Promise<void> {
  const { golden } = parity;
  let logits = new Map<number, Float32Array>();
  let expected: GoldenMemory | undefined;
  const worst = { logits: 0, memory: 0, pixels: 0 };
  const compared = { logits: 0, memories: 0 };
  const session = parity.open({
    onFrame: (frame) => (logits = new Map(frame.logits)),
    onLeave: (memory) => {
      if (!expected) return;
      worst.memory = Math.max(worst.memory, compareMemories(memory, expected, parity));
      compared.memories++;
    },
  });
  for (const [i, { frame, given, known, logits: theirs, found, removed, memory }] of lines.entries()) {
    const trackFrame = await frameOf(frame);
    const ours: TrackedMask[] = i === 0 ? (await session.start(trackFrame), []) : await session.step(trackFrame);
    expect(ours.map(({ objectId }) => objectId)).toEqual(i === 0 ? [] : known);
    if (theirs) {
      worst.logits = Math.max(worst.logits, largestDifference(concatenate(known.map((id) => logits.get(id)!)), golden.span(theirs)));
      compared.logits++;
    }
    // Where objects are given, the original's answer has them already.
    if (given.length === 0)
      for (const { objectId, rle } of ours) {
        const mask = golden.rle(found.find(({ object }) => object === objectId)!.counts);
        worst.pixels = Math.max(worst.pixels, rleDifferenceArea(mask, rle));
      }
    await session.addObjects(golden.given(given));
    session.removeObjects(removed);
    expected = memory;
  }
  expect(compared.logits).toBe(lines.length - 1);
  expect(compared.memories).toBeGreaterThanOrEqual(2);
  expect(worst.logits).toBeLessThan(1e-3);
  expect(worst.memory).toBeLessThan(1e-4);
  expect(worst.pixels).toBeLessThanOrEqual(2);
}
