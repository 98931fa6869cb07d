import { parseArgs } from 'node:util';
import { encodeRle } from '../core/mask/rle';
import { createTrackerSession } from '../core/tracking/create-session';
import { createTrackFrame } from '../core/tracking/feature-cache';
import { createSam2Model } from '../models/sam2/sam2-model';
import { openStudyBundle } from './study/study-bundle';

/** Frames until every memory is full and buffers have their size. */
const WARM_UP = 50;

/**
 * Whether the tracker of the SAM 2 family stays as large as it is: many small objects over many frames, by default with the tiny bundle of the parity test.
 * node dist/bench/sam2-memory.js [--bundle test/golden/edgetam/bundle] [--frames 5000] [--objects 100]
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { bundle: { type: 'string', default: 'test/golden/edgetam/bundle' }, frames: { type: 'string', default: '5000' }, objects: { type: 'string', default: '100' } } });
  const bundle = await openStudyBundle(values.bundle);
  const size = bundle.manifest.inputSizes[0]!;
  const model = await createSam2Model(bundle, size, { intraOpThreads: 1 });
  const session = createTrackerSession('memory', { segmenter: model, memory: model })();
  const frame = (t: number): ReturnType<typeof createTrackFrame> => {
    const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => (Math.imul(i + 12 * t, 2654435761) >>> 24) & 255);
    return createTrackFrame(t, { width: size, height: size, data }, model);
  };
  await session.start(frame(0));
  const [count, columns] = [Number(values.objects), Math.ceil(Math.sqrt(Number(values.objects)))];
  const cell = size / columns;
  const squareOf = (n: number): Uint8Array =>
    Uint8Array.from({ length: size * size }, (_, i) => (Math.floor((i % size) / cell) === n % columns && Math.floor(i / size / cell) === Math.floor(n / columns) ? 1 : 0));
  await session.addObjects(Array.from({ length: count }, (_, n) => ({ objectId: n + 1, rle: encodeRle({ width: size, height: size, data: squareOf(n) }), score: 1 })));
  const startedAt = performance.now();
  const every = Math.max(1, Math.floor(Number(values.frames) / 10));
  for (let t = 1; t <= Number(values.frames); t++) {
    await session.step(frame(t));
    if (t !== WARM_UP && t % every !== 0) continue;
    const { rss, heapUsed } = process.memoryUsage();
    console.log(`frame ${t}: state ${session.snapshot().length} bytes, heap ${(heapUsed / 1e6).toFixed(0)} MB, resident ${(rss / 1e6).toFixed(0)} MB, ${((performance.now() - startedAt) / t).toFixed(0)} ms per frame`);
  }
  await model.dispose();
}

void main();
