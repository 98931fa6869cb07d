import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageRgb } from '../../../adapters/png/png';
import { rleArea } from '../../../core/mask/rle';
import { rleIntersectionArea } from '../../../core/mask/rle-ops';
import { fromCocoRle } from '../../../core/mask/rle-string';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import { KeyCache } from '../../../core/tracking/memory/key-cache';
import { MemoryTracker } from '../../../core/tracking/memory/memory-tracker';
import { ensureBundle } from '../../../models/bundles';
import { createMemoryModel } from '../../../models/memory/memory-model';
import { createSamModel } from '../../../models/sam/sam-model';

const GOLDEN = join(__dirname, '../../golden/memory');

interface GoldenMask {
  readonly frame: number;
  readonly object: number;
  readonly rle: Parameters<typeof fromCocoRle>[0];
}
interface Golden {
  readonly inputSize: number;
  readonly graphs: Readonly<Record<string, string>>;
  readonly given: readonly GoldenMask[];
  readonly expected: readonly GoldenMask[];
}

describe('the memory tracker against the Python one of training/, same graphs', () => {
  const golden = JSON.parse(readFileSync(join(GOLDEN, 'masks.json'), 'utf8')) as Golden;

  it('has golden masks of the graphs that are in the bundle', async () => {
    const { directory } = await ensureBundle('mobilesam');
    const hash = (file: string): string => createHash('sha256').update(readFileSync(join(directory, file))).digest('hex');
    expect(Object.fromEntries(Object.keys(golden.graphs).map((file) => [file, hash(file)]))).toEqual(golden.graphs); // else run training/golden.py
  });

  it('gives the same masks: IoU of 0.999 at least (or one pixel, if that is less) for every object on every frame', async () => {
    const bundle = await ensureBundle('mobilesam');
    const segmenter = await createSamModel(bundle, golden.inputSize);
    const memory = await createMemoryModel(bundle);
    try {
      const session = new MemoryTracker({ network: memory, keys: new KeyCache(memory), isRaw: true });
      const frames = 1 + Math.max(...golden.expected.map(({ frame }) => frame));
      const worst: [number, number, number][] = [];
      for (let t = 0; t < frames; t++) {
        const frame = createTrackFrame(t, await readImageRgb(join(GOLDEN, `frame-${String(t).padStart(2, '0')}.png`)), segmenter);
        const found = t === 0 ? (await session.start(frame), []) : await session.step(frame);
        const expected = golden.expected.filter((mask) => mask.frame === t);
        expect(found.map(({ objectId }) => objectId)).toEqual(expected.map(({ object }) => object));
        for (const { object, rle } of expected) {
          const [ours, theirs] = [found.find(({ objectId }) => objectId === object)!.rle, fromCocoRle(rle)];
          const shared = rleIntersectionArea(ours, theirs);
          const union = rleArea(ours) + rleArea(theirs) - shared;
          if (union - shared > Math.max(1, 0.001 * union)) worst.push([t, object, shared / union]);
        }
        await session.addObjects(golden.given.filter((mask) => mask.frame === t).map(({ object, rle }) => ({ objectId: object, rle: fromCocoRle(rle), score: 1 })));
      }
      expect(worst).toEqual([]);
    } finally {
      await memory.dispose();
      await segmenter.dispose();
    }
  });
});
