import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { PromptableSegmenter } from '../contracts/segmenter';
import { paintRle } from '../core/mask/flatten';
import { encodeRle } from '../core/mask/rle';
import { CutieTracker } from '../core/tracking/cutie/cutie-tracker';
import type { TrackFrame, TrackerSession } from '../core/tracking/types';
import { XmemTracker } from '../core/tracking/xmem/xmem-tracker';
import type { ResolvedBundle } from '../models/bundles';
import { createCutieModel } from '../models/cutie/cutie-model';
import type { OrtOptions } from '../models/runtime/ort-session';
import { createXmemModel } from '../models/xmem/xmem-model';
import { FrameClock } from './study/frame-clock';
import { noisePicture } from './study/noise-picture';
import { openStudyBundle } from './study/study-bundle';

/** Frames that are not counted. */
const WARM_UP = 2;
const [WIDTH, HEIGHT] = [480, 272];

/**
 * Seconds per frame (by the clock and of CPU) and memory of the trackers of Cutie and XMem, beside bench.py in infra/export/cutie or infra/export/xmem, which runs the Python
 * original and writes its masks: node dist/bench/token-memory.js --bundle DIR [--frames 8] [--objects 2] [--threads 1] [--masks FILE]
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { bundle: { type: 'string' }, frames: { type: 'string', default: '8' }, objects: { type: 'string', default: '2' }, threads: { type: 'string', default: '1' }, masks: { type: 'string' } } });
  const { network, session } = await openTracker(await openStudyBundle(values.bundle), { intraOpThreads: Number(values.threads) });
  const frame = (t: number): TrackFrame => ({ position: t, image: noisePicture(WIDTH, HEIGHT, t), embedding: (): ReturnType<PromptableSegmenter['encode']> => Promise.reject(new Error('not needed')) });
  await session.start(frame(0));
  const inside = (i: number, n: number): boolean => i % WIDTH >= 100 && i % WIDTH < 300 && i >= (40 + 60 * n) * WIDTH && i < (90 + 60 * n) * WIDTH;
  await session.addObjects(
    Array.from({ length: Number(values.objects) }, (_, n) => ({ objectId: n + 1, rle: encodeRle({ width: WIDTH, height: HEIGHT, data: Uint8Array.from({ length: WIDTH * HEIGHT }, (__, i) => (inside(i, n) ? 1 : 0)) }), score: 1 })),
  );
  const theirs = values.masks ? readFileSync(values.masks) : null;
  const clock = new FrameClock(WARM_UP);
  let different = 0;
  for (let t = 1; t < Number(values.frames); t++) {
    const found = await clock.time(t, () => session.step(frame(t)));
    const labels = new Uint8Array(WIDTH * HEIGHT);
    for (const { objectId, rle } of found) paintRle(labels, rle, objectId);
    if (theirs) labels.forEach((label, i) => (different += label === theirs[(t - 1) * labels.length + i] ? 0 : 1));
  }
  const figures = clock.figures(Number(values.objects), session.snapshot());
  if (theirs) figures.push(`${different} of ${WIDTH * HEIGHT * (Number(values.frames) - 1)} pixels differ`);
  console.log(figures.join(', '));
  await network.dispose();
}

async function openTracker(bundle: ResolvedBundle, options: OrtOptions): Promise<{ network: { dispose(): Promise<void> }; session: TrackerSession }> {
  if (bundle.manifest.family === 'xmem') {
    const network = await createXmemModel(bundle, options);
    return { network, session: new XmemTracker({ network }) };
  }
  const network = await createCutieModel(bundle, options);
  return { network, session: new CutieTracker({ network }) };
}

void main();
