import { parseArgs } from 'node:util';
import { createTrackerSession } from '../core/tracking/create-session';
import { createTrackFrame } from '../core/tracking/feature-cache';
import { encodeRle } from '../core/mask/rle';
import { createSam2Model } from '../models/sam2/sam2-model';
import { FrameClock } from './study/frame-clock';
import { openStudyBundle } from './study/study-bundle';

/** Frames until the memory is full, which are not counted. */
const WARM_UP = 7;

/**
 * Seconds per frame (by the clock and of CPU, for a machine that does other things too) and memory of the SAM 2 tracker, beside infra/export/sam2/bench.py, which runs the Python original:
 * node dist/bench/sam2.js --bundle DIR [--frames 10] [--objects 2] [--threads 1]
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { bundle: { type: 'string' }, frames: { type: 'string', default: '10' }, objects: { type: 'string', default: '2' }, threads: { type: 'string', default: '1' } } });
  const bundle = await openStudyBundle(values.bundle);
  const size = bundle.manifest.inputSizes.at(-1)!;
  const model = await createSam2Model(bundle, size, { intraOpThreads: Number(values.threads) });
  const session = createTrackerSession('memory', { segmenter: model, memory: model })();
  const noise = Uint8Array.from({ length: size * size * 3 }, (_, i) => (Math.imul(i, 2654435761) >>> 24) & 255);
  const frame = (t: number): ReturnType<typeof createTrackFrame> => {
    const data = new Uint8Array(noise.length);
    data.set(noise.subarray(12 * t));
    return createTrackFrame(t, { width: size, height: size, data }, model);
  };
  await session.start(frame(0));
  const objects = Array.from({ length: Number(values.objects) }, (_, n) => {
    const data = Uint8Array.from({ length: size * size }, (__, i) => {
      const [x, y] = [i % size, Math.floor(i / size)];
      return x >= 100 && x < 300 && y >= 100 + 60 * n && y < 200 + 60 * n ? 1 : 0;
    });
    return { objectId: n + 1, rle: encodeRle({ width: size, height: size, data }), score: 1 };
  });
  await session.addObjects(objects);
  const clock = new FrameClock(WARM_UP);
  for (let t = 1; t < Number(values.frames); t++) await clock.time(t, () => session.step(frame(t)));
  console.log(clock.figures(objects.length, session.snapshot()).join(', '));
  await model.dispose();
}

void main();
