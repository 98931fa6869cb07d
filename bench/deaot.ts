import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ImageEmbedding } from '../contracts/segmenter';
import { encodeRle, rleArea } from '../core/mask/rle';
import { rleDifferenceArea } from '../core/mask/rle-ops';
import { DeaotTracker } from '../core/tracking/deaot/deaot-tracker';
import { FrameCache } from '../core/tracking/deaot/frame-cache';
import type { TrackFrame } from '../core/tracking/types';
import { createDeaotModel } from '../models/deaot/deaot-model';
import { FrameClock } from './study/frame-clock';
import { noisePicture } from './study/noise-picture';
import { openStudyBundle } from './study/study-bundle';

const [WIDTH, HEIGHT] = [854, 480];
/** Frame whose masks are compared, and the first one whose time counts: the memory is full then. */
const COMPARED = 8;
const WARM_UP = 9;

/**
 * Seconds per frame (by the clock and of CPU, for a machine that does other things too) and memory of the DeAOT tracker, beside infra/export/deaot/bench.py, which runs the Python
 * original and may have written its masks:
 * node dist/bench/deaot.js --bundle DIR [--masks masks.json] [--frames 13] [--objects 2] [--long-edge 1040] [--threads 1]
 */
async function main(): Promise<void> {
  const text = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value });
  const { values } = parseArgs({ options: { bundle: { type: 'string' }, masks: { type: 'string' }, frames: text('13'), objects: text('2'), 'long-edge': text('1040'), threads: text('1') } });
  const model = await createDeaotModel(await openStudyBundle(values.bundle), Number(values['long-edge']), { intraOpThreads: Number(values.threads) });
  Object.assign(model.settings, { long_term_mem_gap: 1 });
  const session = new DeaotTracker({ network: model, frames: new FrameCache(model) });
  const frame = (position: number): TrackFrame => ({ position, image: noisePicture(WIDTH, HEIGHT, position), embedding: (): Promise<ImageEmbedding> => Promise.reject(new Error('the tracker has its own encoder')) });
  await session.start(frame(0));
  // Later rectangles lie over earlier ones, as in a map of labels.
  const owner = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return x >= 100 && x < 300 && y >= 100 && y < 200 + 60 * (Number(values.objects) - 1) ? Math.min(Number(values.objects), Math.floor((y - 100) / 60) + 1) : 0;
  });
  await session.addObjects(
    Array.from({ length: Number(values.objects) }, (_, n) => ({ objectId: n + 1, rle: encodeRle({ width: WIDTH, height: HEIGHT, data: owner.map((own) => (own === n + 1 ? 1 : 0)) }), score: 1 })),
  );
  const clock = new FrameClock(WARM_UP);
  for (let t = 1; t < Number(values.frames); t++) {
    const next = frame(t);
    const found = await clock.time(t, () => session.step(next));
    if (t !== COMPARED || values.masks === undefined) continue;
    const theirs = JSON.parse(readFileSync(values.masks, 'utf8')) as number[][];
    const pairs = theirs.map((counts, n) => [{ width: WIDTH, height: HEIGHT, counts: Uint32Array.from(counts) }, found[n]!.rle] as const);
    console.log(pairs.map(([a, b], n) => `object ${n + 1}: ${rleArea(a)} pixels, of which ours differs in ${rleDifferenceArea(a, b)}`).join('; '));
  }
  console.log(clock.figures(Number(values.objects), session.snapshot()).join(', '));
  await model.dispose();
}

void main();
