import { checkpointPosition } from '../../../core/tracking/chunk-state';
import { trackChunk, type ChunkTrackerEvent } from '../../../core/tracking/chunk-tracker';
import type { TrackerName } from '../../../core/tracking/types';
import { BLUE, GREEN, RED, detectShapes, type Shape } from './drawn-scene';
import { chunkInput, runChunk, type ChunkSetup } from './run-chunk';

const red: Shape = { colour: RED, width: 36, height: 30, place: (t) => (t >= 4 && t <= 6 ? null : [6 + 2 * t, 10 + t / 2]) };
const green: Shape = { colour: GREEN, width: 30, height: 26, place: (t) => [124 - t, 64 - t / 2] };
const blue: Shape = { colour: BLUE, width: 28, height: 28, place: (t) => (t >= 5 ? [70, 60] : null) };
const shapes = [red, green, blue];

function setup(tracker: TrackerName, every: number): ChunkSetup {
  const detections = new Map(Array.from({ length: Math.ceil(22 / every) }, (_, i) => [i * every, detectShapes(shapes, i * every)]));
  return { shapes, frames: 22, detections, tracker, sceneCuts: [19] };
}

describe('resuming a chunk', () => {
  it.each([
    ['prompt', 3],
    ['iou', 1],
    ['memory', 3],
  ] as const)('gives the same bytes from every checkpoint (%s tracker)', async (tracker, every) => {
    const whole = await runChunk(setup(tracker, every));
    const stops = whole.events.filter((event) => event.kind === 'lines');
    expect(stops.length).toBeGreaterThan(3);
    for (const [i, stop] of stops.entries()) {
      if (stops.length > 8 && i % 3 > 0) continue; // enough of them
      expect(checkpointPosition(stop.checkpoint)).toBe(stop.position);
      const firstFrame = i % 2 === 0 ? stop.position : Math.max(0, stop.position - 2);
      const rest = await runChunk({ ...setup(tracker, every), resume: stop.checkpoint, firstFrame });
      expect(JSON.stringify(rest.lines)).toBe(JSON.stringify(whole.lines.filter(({ position }) => position > stop.position)));
      expect(JSON.stringify(rest.tracklets)).toBe(JSON.stringify(whole.tracklets));
      const checkpoints = (events: readonly ChunkTrackerEvent[]): Uint8Array[] => events.flatMap((event) => (event.kind === 'lines' ? [event.checkpoint] : []));
      expect(checkpoints(rest.events)).toEqual(checkpoints(whole.events).slice(i + 1));
    }
  });

  it('refuses bytes that are no checkpoint and frames that start after it', async () => {
    const drain = async (more: Partial<ChunkSetup>): Promise<void> => {
      for await (const event of trackChunk(chunkInput({ ...setup('prompt', 4), ...more }))) void event;
    };
    await expect(drain({ resume: new Uint8Array(40) })).rejects.toThrow(RangeError);
    const whole = await runChunk({ ...setup('prompt', 4), frames: 9 });
    const checkpoint = whole.events.flatMap((event) => (event.kind === 'lines' ? [event.checkpoint] : []))[0]!;
    await expect(drain({ resume: checkpoint, firstFrame: checkpointPosition(checkpoint) + 1 })).rejects.toThrow(RangeError);
  });
});
