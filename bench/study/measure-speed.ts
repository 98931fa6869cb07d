import type { VideoNetwork } from '../../contracts/video-network';
import type { TrackingOptions } from '../../contracts/segment-options';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import { encodeRle } from '../../core/mask/rle';
import type { Rle } from '../../core/mask/types';
import { chooseTracker, createTrackerSession } from '../../core/tracking/create-session';
import { createTrackFrame } from '../../core/tracking/feature-cache';
import type { TrackFrame } from '../../core/tracking/types';
import type { Clip } from './clip';

/** Frames until a memory is full, which are not counted, and frames that are. */
const WARM_UP = 11;
const COUNTED = 4;

export interface SpeedRequest {
  readonly clip: Clip;
  /** Number of objects: tiles of the first frame. */
  readonly objects: number;
  readonly segmenter: PromptableSegmenter;
  readonly memory?: VideoNetwork;
  readonly options: TrackingOptions;
}

/** Seconds per frame of a tracker alone: frames are decoded and encoded before. */
export async function measureSpeed({ clip, objects, segmenter, memory, options }: SpeedRequest): Promise<number> {
  const session = createTrackerSession(chooseTracker(options.tracker, memory !== undefined), { segmenter, sharpen: options.sharpen, rememberedFrames: options.rememberedFrames, ...(memory ? { memory } : {}) })();
  const frames: TrackFrame[] = [];
  for await (const image of clip.images(0, WARM_UP + COUNTED + 1)) {
    const frame = createTrackFrame(frames.length, image, segmenter);
    await frame.embedding();
    frames.push(frame);
  }
  const { width, height } = frames[0]!.image;
  await session.start(frames[0]!);
  await session.addObjects(tiles(objects, width, height).map((rle, i) => ({ objectId: i + 1, rle, score: 1 })));
  for (const frame of frames.slice(1, -COUNTED)) await session.step(frame);
  const startedAt = performance.now();
  for (const frame of frames.slice(-COUNTED)) await session.step(frame);
  await session.dispose();
  return (performance.now() - startedAt) / 1000 / COUNTED;
}

/** That many rectangles beside each other, as square as they come. */
function tiles(count: number, width: number, height: number): Rle[] {
  const columns = Math.ceil(Math.sqrt((count * width) / height));
  const rows = Math.ceil(count / columns);
  return Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(width * height);
    const [left, right] = [i % columns, (i % columns) + 1].map((x) => Math.round((x * width) / columns)) as [number, number];
    const [top, bottom] = [Math.floor(i / columns), Math.floor(i / columns) + 1].map((y) => Math.round((y * height) / rows)) as [number, number];
    for (let y = top; y < bottom; y++) data.fill(1, y * width + left, y * width + right);
    return encodeRle({ width, height, data });
  });
}
