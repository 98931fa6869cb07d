import { parseArgs } from 'node:util';
import { createTrackerSession } from '../core/tracking/create-session';
import { createTrackFrame } from '../core/tracking/feature-cache';
import { encodeRle } from '../core/mask/rle';
import { createSam2Model } from '../models/sam2/sam2-model';
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
  let counted = 0;
  let wall = 0;
  let cpu = 0;
  let peak = 0;
  for (let t = 1; t < Number(values.frames); t++) {
    const [startedAt, before] = [performance.now(), process.cpuUsage()];
    await session.step(frame(t));
    const { user, system } = process.cpuUsage(before);
    if (t >= WARM_UP) {
      counted++;
      wall += (performance.now() - startedAt) / 1e3;
      cpu += (user + system) / 1e6;
    }
    peak = Math.max(peak, process.resourceUsage().maxRSS / 1024);
  }
  const figures = [`${(wall / counted).toFixed(2)} s (${(cpu / counted).toFixed(2)} s of CPU) per frame with ${values.objects} objects`, `peak memory ${peak.toFixed(0)} MB`, `checkpoint ${(session.snapshot().length / 1e6).toFixed(1)} MB`];
  console.log(figures.join(', '));
  await model.dispose();
}

void main();
