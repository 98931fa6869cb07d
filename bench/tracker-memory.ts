import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeRle } from '../core/mask/rle';
import { createTrackerSession } from '../core/tracking/create-session';
import { createTrackFrame } from '../core/tracking/feature-cache';
import type { ObjectMask } from '../core/tracking/types';
import { inputSizesOf } from '../models/bundles/image-model';
import { openImageSegmenter, openVideoNetwork } from '../models/open-networks';
import { noisePicture } from './study/noise-picture';
import { openStudyBundle } from './study/study-bundle';

/** Frames until every memory is full and buffers have their size. */
const WARM_UP = 50;

/** Tiny bundles with random weights, of the parity tests. */
const GOLDEN: Readonly<Record<string, string>> = { sam2: 'sam2/bundle', edgetam: 'edgetam/bundle', cutie: 'cutie/bundle', xmem: 'xmem/bundle', deaot: 'deaot/deaots', aot: 'deaot/aots' };

/**
 * Whether a memory tracker stays as large as it is: many small objects over many frames, with a tiny bundle or with another one.
 * node dist/bench/tracker-memory.js (--family sam2|edgetam|cutie|xmem|deaot|aot | --bundle DIR) [--frames 5000] [--objects 100] [--size 128]
 */
async function main(): Promise<void> {
  const text = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value });
  const { values } = parseArgs({ options: { family: { type: 'string' }, bundle: { type: 'string' }, frames: text('5000'), objects: text('100'), size: text('128') } });
  const tiny = GOLDEN[values.family ?? ''];
  if (values.bundle === undefined && tiny === undefined) throw new Error(`--bundle is needed, or --family: one of ${Object.keys(GOLDEN).join(', ')}`);
  const bundle = await openStudyBundle(values.bundle ?? join('test/golden', tiny!));
  const options = { intraOpThreads: 1 };
  const segmenter = await openImageSegmenter(bundle, inputSizesOf(bundle)[0]!, options);
  const memory = await openVideoNetwork(bundle, segmenter, options);
  const session = createTrackerSession('memory', { segmenter, memory })();
  const [frames, size] = [Number(values.frames), Number(values.size)];
  const frame = (t: number): ReturnType<typeof createTrackFrame> => createTrackFrame(t, noisePicture(size, size, t), segmenter);
  await session.start(frame(0));
  await session.addObjects(squares(Number(values.objects), size));
  const startedAt = performance.now();
  const every = Math.max(1, Math.floor(frames / 10));
  for (let t = 1; t <= frames; t++) {
    await session.step(frame(t));
    if (t !== WARM_UP && t % every !== 0) continue;
    const { rss, heapUsed } = process.memoryUsage();
    console.log(`frame ${t}: state ${session.snapshot().length} bytes, heap ${(heapUsed / 1e6).toFixed(0)} MB, resident ${(rss / 1e6).toFixed(0)} MB, ${((performance.now() - startedAt) / t).toFixed(0)} ms per frame`);
  }
  await Promise.all([segmenter.dispose(), memory.dispose()]);
}

/** Squares that fill the picture, one for each object. */
function squares(count: number, size: number): ObjectMask[] {
  const columns = Math.ceil(Math.sqrt(count));
  const cell = size / columns;
  const ownerOf = (i: number): number => Math.floor(i / size / cell) * columns + Math.floor((i % size) / cell);
  const owners = Uint32Array.from({ length: size * size }, (_, i) => ownerOf(i));
  return Array.from({ length: count }, (_, n) => ({ objectId: n + 1, rle: encodeRle({ width: size, height: size, data: Uint8Array.from(owners, (owner) => (owner === n ? 1 : 0)) }), score: 1 }));
}

void main();
