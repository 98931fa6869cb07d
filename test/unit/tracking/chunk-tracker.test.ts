import type { DetectionLine } from '../../../contracts/artefacts';
import { trackLineSchema, trackTrailerSchema } from '../../../contracts/artefacts';
import { rleIou } from '../../../core/mask/rle-ops';
import { fromCocoRle } from '../../../core/mask/rle-string';
import { trackChunk } from '../../../core/tracking/chunk-tracker';
import { BLUE, GREEN, RED, YELLOW, detectShapes, visibleMask, type Shape } from './drawn-scene';
import { chunkInput, runChunk, seenOn } from './run-chunk';

const red: Shape = { colour: RED, width: 36, height: 30, place: (t) => [6 + 2 * t, 10 + t / 2] };
const green: Shape = { colour: GREEN, width: 30, height: 26, place: (t) => [124 - t, 64 - t / 2] };

function detectOn(shapes: readonly Shape[], positions: readonly number[], missed: (t: number) => readonly Shape[] = () => []): Map<number, DetectionLine> {
  return new Map(positions.map((t) => [t, detectShapes(shapes, t, missed(t))]));
}

describe('trackChunk', () => {
  it('gives each shape one id on every frame, in lines that fit the contract', async () => {
    const shapes = [red, green];
    const { lines, tracklets } = await runChunk({ shapes, frames: 15, detections: detectOn(shapes, [0, 6, 12]) });
    expect(lines.map(({ position, hash }) => `${position} ${hash}`)).toEqual(Array.from({ length: 15 }, (_, t) => `${t} h${t}`));
    for (const line of lines) {
      trackLineSchema.parse(line);
      expect(line.objects.map(({ localId }) => localId)).toEqual([1, 2]);
      const best = [red, green].map((shape) => Math.max(...line.objects.map(({ rle }) => rleIou(fromCocoRle(rle), visibleMask(shapes, shape, line.position)))));
      expect(Math.min(...best)).toBeGreaterThan(0.75);
    }
    trackTrailerSchema.parse({ tracklets });
    expect(tracklets.map(({ localId, firstPosition, lastPosition, frames, confirmed }) => [localId, firstPosition, lastPosition, frames, confirmed])).toEqual([
      [1, 0, 14, 15, true],
      [2, 0, 14, 15, true],
    ]);
    for (const { appearance } of tracklets) expect(Math.hypot(...appearance)).toBeCloseTo(1, 2);
  });

  it('keeps an object that single detection frames miss', async () => {
    const shapes = [red, green];
    const detections = detectOn(shapes, [0, 4, 8, 12], (t) => (t === 8 ? [red] : []));
    const { lines, tracklets } = await runChunk({ shapes, frames: 13, detections });
    expect(tracklets).toHaveLength(2);
    expect(seenOn(lines, 1)).toHaveLength(13);
    expect(seenOn(lines, 2)).toHaveLength(13);
  });

  it('starts a new object where the backward pass first finds it, not where it was detected', async () => {
    const late: Shape = { colour: BLUE, width: 34, height: 30, place: (t) => (t >= 3 ? [60, 10] : null) };
    const shapes = [green, late];
    const { lines, tracklets } = await runChunk({ shapes, frames: 14, detections: detectOn(shapes, [0, 6, 12]) });
    expect(tracklets.map(({ confirmed }) => confirmed)).toEqual([true, true]);
    expect(seenOn(lines, 2)[0]).toBe(3);
  });

  it('reaches back to the first frame for what only the second detection frame finds', async () => {
    const shapes = [red, green];
    const { lines } = await runChunk({ shapes, frames: 10, detections: detectOn(shapes, [0, 4, 8], (t) => (t === 0 ? [green] : [])) });
    expect(lines[0]!.objects).toHaveLength(2);
  });

  it('gives an object that was hidden its id back', async () => {
    const hidden: Shape = { colour: RED, width: 30, height: 26, place: (t) => (t >= 7 && t <= 13 ? null : [60, 30]) };
    const shapes = [green, hidden];
    const { lines, tracklets } = await runChunk({ shapes, frames: 22, detections: detectOn(shapes, [0, 5, 10, 15, 20]) });
    expect(tracklets).toHaveLength(2);
    const seen = seenOn(lines, 1).length < seenOn(lines, 2).length ? seenOn(lines, 1) : seenOn(lines, 2);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 19, 20, 21]);
  });

  it('does not give the id of a hidden object to one that looks different', async () => {
    const gone: Shape = { colour: RED, width: 30, height: 26, place: (t) => (t < 7 ? [60, 30] : null) };
    const other: Shape = { colour: BLUE, width: 30, height: 26, place: (t) => (t < 12 ? null : [64, 34]) };
    const shapes = [green, gone, other];
    const { tracklets } = await runChunk({ shapes, frames: 22, detections: detectOn(shapes, [0, 5, 10, 15, 20]) });
    expect(tracklets).toHaveLength(3);
  });

  it('ends every object at a scene cut and gives new ids after it', async () => {
    const shapes = [red, green];
    const { lines, tracklets } = await runChunk({ shapes, frames: 12, detections: detectOn(shapes, [0, 3, 6, 9]), sceneCuts: [6] });
    expect(tracklets.map(({ firstPosition, lastPosition }) => [firstPosition, lastPosition])).toEqual([
      [0, 5],
      [0, 5],
      [6, 11],
      [6, 11],
    ]);
    expect(new Set(tracklets.map(({ localId }) => localId)).size).toBe(4);
    expect(lines.map(({ position }) => position)).toEqual(Array.from({ length: 12 }, (_, t) => t));
  });

  it('leaves what only the last detection frame saw unconfirmed, and confirms all in a scene with one detection frame', async () => {
    const late: Shape = { colour: BLUE, width: 34, height: 30, place: (t) => (t >= 7 ? [60, 10] : null) };
    const shapes = [green, late];
    const two = await runChunk({ shapes, frames: 10, detections: detectOn(shapes, [0, 4, 8]) });
    expect(two.tracklets.map(({ confirmed }) => confirmed)).toEqual([true, false]);
    const one = await runChunk({ shapes: [red], frames: 4, detections: detectOn([red], [0]) });
    expect(one.tracklets.map(({ confirmed }) => confirmed)).toEqual([true]);
  });

  it('confirms at the end what was plainly there, although the only other detection frame missed it', async () => {
    const shapes = [red, green];
    const { tracklets } = await runChunk({ shapes, frames: 9, detections: detectOn(shapes, [0, 6], (t) => (t === 6 ? [red] : [])) });
    expect(tracklets.map(({ confirmed }) => confirmed)).toEqual([true, true]);
  });

  it('leaves unconfirmed, and ends, what three detection frames do not see again', async () => {
    const shapes = [red, green];
    const detections = detectOn(shapes, [0, 2, 4, 6, 8, 10], (t) => (t > 0 ? [red] : []));
    const { tracklets } = await runChunk({ shapes, frames: 12, detections });
    expect(tracklets.map(({ confirmed, lastPosition }) => [confirmed, lastPosition])).toEqual(expect.arrayContaining([[false, 6], [true, 11]]));
    expect(tracklets).toHaveLength(2);
  });

  it('keeps nested objects apart and names the parent', async () => {
    const whole: Shape = { colour: RED, width: 60, height: 50, place: (t) => [20 + t, 20] };
    const part: Shape = { colour: YELLOW, width: 26, height: 22, place: (t) => [36 + t, 34] };
    const shapes = [whole, part];
    const detections = new Map(
      [0, 4, 8].map((t) => {
        const line = detectShapes(shapes, t);
        line.masks[0] = { ...line.masks[0]!, rle: detectShapes([whole], t).masks[0]!.rle };
        return [t, line];
      }),
    );
    const { tracklets } = await runChunk({ shapes, frames: 9, detections, options: { detectEvery: 4 } });
    const [large, small] = tracklets.slice().sort((a, b) => b.meanArea - a.meanArea);
    expect(tracklets).toHaveLength(2);
    expect([large!.parent, small!.parent]).toEqual([null, large!.localId]);
  });

  it('follows a whole that is found after the larger part of it as an object of its own, from the start of the scene', async () => {
    const whole: Shape = { colour: RED, width: 60, height: 50, place: (t) => [20 + t, 20] };
    const part: Shape = { colour: YELLOW, width: 44, height: 38, place: (t) => [28 + t, 26] };
    const shapes = [whole, part];
    const detections = detectOn(shapes, [0, 4, 8], (t) => (t < 8 ? [whole] : []));
    const both = detections.get(8)!;
    both.masks[0] = { ...both.masks[0]!, rle: detectShapes([whole], 8).masks[0]!.rle };
    const { lines, tracklets } = await runChunk({ shapes, frames: 9, detections, options: { detectEvery: 4, confirmDetections: 1 } });
    expect(tracklets.map(({ confirmed, firstPosition, frames }) => [confirmed, firstPosition, frames])).toEqual([[true, 0, 9], [true, 0, 9]]);
    const last = lines[8]!.objects.map(({ rle }) => fromCocoRle(rle));
    expect(rleIou(last[0]!, visibleMask([part], part, 8))).toBeGreaterThan(0.9);
    expect(rleIou(last[1]!, visibleMask([whole], whole, 8))).toBeGreaterThan(0.9);
  });

  it('starts no object below minArea and never more than maxObjects', async () => {
    const small: Shape = { colour: YELLOW, width: 8, height: 6, place: () => [80, 80] };
    const shapes = [red, green, small];
    const detections = detectOn(shapes, [0, 4, 8]);
    expect((await runChunk({ shapes, frames: 9, detections, options: { minArea: 100 } })).tracklets).toHaveLength(2);
    const one = await runChunk({ shapes, frames: 9, detections, options: { maxObjects: 1 } });
    expect(Math.max(...one.lines.map(({ objects }) => objects.length))).toBe(1);
    expect(one.tracklets).toHaveLength(1);
  });

  it('gives the place of a poor small object to a much better one when there is no room', async () => {
    const small: Shape = { colour: YELLOW, width: 8, height: 7, place: () => [10, 80] };
    const late: Shape = { colour: BLUE, width: 80, height: 60, place: (t) => (t >= 6 ? [60, 10] : null) };
    const shapes = [small, late];
    const detections = detectOn(shapes, [0, 4, 8, 12]);
    for (const line of detections.values()) line.masks[0] = { ...line.masks[0]!, predictedIou: 0.6 };
    const { lines, tracklets } = await runChunk({ shapes, frames: 13, detections, options: { maxObjects: 1 } });
    expect(Math.max(...lines.map(({ objects }) => objects.length))).toBe(1);
    expect(tracklets.map(({ firstPosition, lastPosition }) => [firstPosition, lastPosition])).toEqual([
      [0, 5],
      [6, 12],
    ]);
  });

  it('follows given masks under their own ids without any detection, and never drops them', async () => {
    const shapes = [red, green];
    const initialObjects = [
      { objectId: 5, rle: visibleMask(shapes, green, 0) },
      { objectId: 2, rle: visibleMask(shapes, red, 0) },
    ];
    const { lines, tracklets } = await runChunk({ shapes, frames: 40, detections: new Map(), initialObjects });
    expect(tracklets.map(({ localId, confirmed, givenId }) => [localId, confirmed, givenId])).toEqual([
      [2, true, 2],
      [5, true, 5],
    ]);
    expect(lines).toHaveLength(40);
    expect(seenOn(lines, 5).length).toBeGreaterThan(35);
    for (const { appearance } of tracklets) expect(Math.hypot(...appearance)).toBeCloseTo(1, 2);
  });

  it.each(['prompt', 'iou', 'memory'] as const)('leaves given masks as they are on the frame that they were given for (%s tracker)', async (tracker) => {
    const shapes = [red, green];
    const narrow: Shape = { ...red, width: 34 };
    const given = visibleMask([narrow], narrow, 0);
    const { lines } = await runChunk({ shapes, frames: 3, tracker, detections: detectOn(shapes, [0, 1, 2]), initialObjects: [{ objectId: 4, rle: given }] });
    expect(rleIou(fromCocoRle(lines[0]!.objects.find(({ localId }) => localId === 4)!.rle), given)).toBe(1);
  });

  it('asks each kind of prompt once per frame for all objects', async () => {
    const shapes = [red, green];
    const { segmenter } = await runChunk({ shapes, frames: 9, detections: detectOn(shapes, [0, 8]) });
    expect(segmenter.encodes).toBe(9);
    expect(segmenter.decodeCalls).toBeLessThanOrEqual(16);
    expect(segmenter.prompts).toBeLessThanOrEqual(2 * 2 * 8);
  });

  it('writes empty lines without detections and an empty trailer without frames', async () => {
    const none = await runChunk({ shapes: [red], frames: 3, detections: new Map() });
    expect(none.lines.map(({ objects }) => objects.length)).toEqual([0, 0, 0]);
    expect((await runChunk({ shapes: [], frames: 0, detections: new Map() })).events).toEqual([{ kind: 'trailer', tracklets: [] }]);
  });

  it('matches detections on every frame by overlap with the iou tracker', async () => {
    const shapes = [red, green];
    const positions = Array.from({ length: 10 }, (_, t) => t);
    const detections = detectOn(shapes, positions, (t) => (t === 5 ? [red] : []));
    const { lines, tracklets, segmenter } = await runChunk({ shapes, frames: 10, detections, tracker: 'iou', options: { detectEvery: 1 } });
    expect(tracklets).toHaveLength(2);
    expect(segmenter.prompts).toBe(0);
    const counts = tracklets.map(({ localId }) => seenOn(lines, localId).length).sort();
    expect(counts).toEqual([10, 9]); // no mask where no detection was
  });

  it('refuses gaps between frames and stops at the signal', async () => {
    const input = chunkInput({ shapes: [red], frames: 3, detections: new Map() });
    const gap = async function* (): typeof input.frames extends AsyncIterable<infer F> ? AsyncGenerator<F> : never {
      for await (const frame of input.frames) if (frame.position !== 1) yield frame;
    };
    const drain = async (chunk: typeof input): Promise<void> => {
      for await (const event of trackChunk(chunk)) void event;
    };
    await expect(drain({ ...input, frames: gap() })).rejects.toThrow(RangeError);
    const reason = new Error('stop');
    await expect(drain({ ...chunkInput({ shapes: [red], frames: 3, detections: new Map() }), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
