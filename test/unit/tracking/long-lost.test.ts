import { BLUE, GREEN, RED, detectShapes, type Shape } from './drawn-scene';
import { runChunk, seenOn, type ChunkResult } from './run-chunk';

/** Seen on frames 0 to 7, and again from `back` on, in its place. */
const blinking = (colour: Shape['colour'], x: number, width: number, back: number): Shape => ({ colour, width, height: 26, place: (t) => (t < 8 || t >= back ? [x, 20] : null) });
const still: Shape = { colour: GREEN, width: 30, height: 26, place: () => [124, 64] };

function run(shapes: readonly Shape[], frames: number, options: object = {}): Promise<ChunkResult> {
  const detections = new Map(Array.from({ length: Math.ceil(frames / 2) }, (_, i) => [2 * i, detectShapes(shapes, 2 * i)]));
  return runChunk({ shapes, frames, detections, tracker: 'memory', options });
}

/** Numbers go by size: the blue one has 1, the green one 2, the red one 3. */
describe('objects that are away for long', () => {
  it('have their id again after 16 detection frames', async () => {
    const { lines } = await run([blinking(RED, 10, 36, 40), still], 46);
    expect(seenOn(lines, 1)).toEqual([...Array.from({ length: 8 }, (_, t) => t), 40, 41, 42, 43, 44, 45]);
  });

  it('are given up after --max-missed-detections', async () => {
    const { lines, tracklets } = await run([blinking(RED, 10, 36, 40), still], 46, { maxMissedDetections: 6 });
    expect(seenOn(lines, 1)).toHaveLength(8);
    expect(tracklets.map(({ localId }) => localId)).toEqual([1, 2, 3]);
  });

  it('are kept as far as they count: the larger of two, when there is a place for one', async () => {
    const shapes = [blinking(RED, 10, 18, 40), blinking(BLUE, 60, 44, 40), still];
    const { lines } = await run(shapes, 46, { maxObjects: 4 });
    expect([1, 3].map((id) => seenOn(lines, id).includes(44))).toEqual([true, false]);
    const both = await run(shapes, 46, { maxObjects: 8 });
    expect([1, 3].map((id) => seenOn(both.lines, id).includes(44))).toEqual([true, true]);
  });

  it('are all kept for a short time', async () => {
    const { lines } = await run([blinking(RED, 10, 18, 18), blinking(BLUE, 60, 44, 18), still], 24, { maxObjects: 4 });
    expect([1, 3].map((id) => seenOn(lines, id).includes(20))).toEqual([true, true]);
  });
});
