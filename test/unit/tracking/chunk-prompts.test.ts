import type { DetectionLine, TrackLine } from '../../../contracts/artefacts';
import type { GivenPrompt } from '../../../contracts/prompts';
import { rleIou } from '../../../core/mask/rle-ops';
import { fromCocoRle, toCocoRle } from '../../../core/mask/rle-string';
import type { Rle } from '../../../core/mask/types';
import { trackChunk, type ChunkTrackerEvent } from '../../../core/tracking/chunk-tracker';
import { BLUE, GREEN, RED, detectShapes, visibleMask, type Shape } from './drawn-scene';
import { chunkInput, promptOn, runChunk, seenOn, type ChunkSetup } from './run-chunk';

const red: Shape = { colour: RED, width: 36, height: 30, place: (t) => [6 + 2 * t, 10 + t / 2] };
const green: Shape = { colour: GREEN, width: 30, height: 26, place: (t) => [124 - t, 64 - t / 2] };
const shapes = [red, green];
const still: Shape = { colour: BLUE, width: 30, height: 26, place: () => [60, 40] };

const middleOf = (shape: Shape, t: number): [number, number] => {
  const [x, y] = shape.place(t)!;
  return [x + shape.width / 2, y + shape.height / 2];
};
const boxOf = (shape: Shape, t: number): [number, number, number, number] => {
  const [x, y] = shape.place(t)!;
  return [x, y, x + shape.width, y + shape.height];
};
const coco = (rle: Rle): GivenPrompt['mask'] => toCocoRle(rle) as GivenPrompt['mask'];
const maskOn = (lines: readonly TrackLine[], t: number, localId: number): Rle | undefined => {
  const found = lines.find(({ position }) => position === t)!.objects.find((object) => object.localId === localId);
  return found && fromCocoRle(found.rle);
};
const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i);
const none = new Map<number, DetectionLine>();
const everyFour = (seen: readonly Shape[], frames: number, missed: readonly Shape[] = []): Map<number, DetectionLine> =>
  new Map(upTo(frames).filter((t) => t % 4 === 0).map((t) => [t, detectShapes(seen, t, missed)]));

describe('prompts inside a chunk', () => {
  it.each([
    ['a point', 'prompt', (shape: Shape, t: number) => ({ points: [middleOf(shape, t)] })],
    ['a box', 'prompt', (shape: Shape, t: number) => ({ box: boxOf(shape, t) })],
    ['a box and points', 'memory', (shape: Shape, t: number) => ({ box: boxOf(shape, t), points: [middleOf(shape, t)] })],
    ['a mask', 'memory', (shape: Shape, t: number) => ({ mask: coco(visibleMask(shapes, shape, t)) })],
  ] as const)('follow what %s shows in both directions, under its own number (%s tracker)', async (_what, tracker, say) => {
    const prompts = [promptOn(9, 50, say(red, 9)), promptOn(5, 7, say(green, 5))];
    const { lines, tracklets } = await runChunk({ shapes, frames: 20, detections: none, tracker, prompts });
    expect(tracklets.map(({ localId, givenId, confirmed }) => [localId, givenId, confirmed])).toEqual([[7, 7, true], [50, 50, true]]);
    expect([seenOn(lines, 7), seenOn(lines, 50)]).toEqual([upTo(20), upTo(20)]);
    for (const t of upTo(20)) for (const [id, shape] of [[7, green], [50, red]] as const) expect(rleIou(maskOn(lines, t, id)!, visibleMask(shapes, shape, t))).toBeGreaterThan(0.7);
  });

  it('take a given mask as it is, and say which prompts found nothing', async () => {
    const mask = visibleMask([still], still, 3);
    const unanswered: string[] = [];
    const input = { ...chunkInput({ shapes, frames: 8, detections: none, prompts: [promptOn(3, 2, { mask: coco(mask) }), promptOn(4, 3, { points: [[80, 40]], labels: [0] })] }), onUnanswered: (id: number, t: number) => unanswered.push(`${id} on ${t}`) };
    const lines: TrackLine[] = [];
    for await (const event of trackChunk(input)) if (event.kind === 'lines') lines.push(...event.lines);
    expect(rleIou(maskOn(lines, 3, 2)!, mask)).toBe(1);
    expect(unanswered).toEqual(['3 on 4']);
    expect(seenOn(lines, 3)).toEqual([]);
  });

  it('reach back to where the object appears, and 31 frames at most', async () => {
    const late: Shape = { ...still, place: (t) => (t >= 21 ? [60, 40] : null) };
    const appeared = await runChunk({ shapes: [late], frames: 50, detections: none, prompts: [promptOn(45, 4, { box: boxOf(late, 45) })] });
    expect(seenOn(appeared.lines, 4)).toEqual(upTo(50, 21));
    const always = await runChunk({ shapes: [still], frames: 60, detections: none, prompts: [promptOn(47, 4, { box: boxOf(still, 47) })] });
    expect(seenOn(always.lines, 4)).toEqual(upTo(60, 16));
  });

  it('with detections reach back to the frame after the last detection frame', async () => {
    const { lines } = await runChunk({ shapes, frames: 16, detections: everyFour(shapes, 16, [red]), prompts: [promptOn(11, 9, { box: boxOf(red, 11) })] });
    expect(seenOn(lines, 9)).toEqual(upTo(16, 9));
  });

  it('make the object that is there already theirs, from its first frame on', async () => {
    const { lines, tracklets } = await runChunk({ shapes, frames: 18, detections: everyFour(shapes, 18), prompts: [promptOn(10, 90, { points: [middleOf(red, 10)] })] });
    const given = tracklets.find(({ givenId }) => givenId === 90)!;
    expect(tracklets).toHaveLength(2);
    expect([given.firstPosition, given.lastPosition, given.frames]).toEqual([0, 17, 18]);
    expect(rleIou(maskOn(lines, 0, given.localId)!, visibleMask(shapes, red, 0))).toBeGreaterThan(0.7);
    for (const { objects } of lines) expect(objects).toHaveLength(2);
  });

  it('end the found object that a given one turns out to be', async () => {
    const back: Shape = { colour: RED, width: 30, height: 26, place: (t) => (t < 5 ? [6, 10] : t < 9 ? null : [120, 60]) };
    const { lines, tracklets } = await runChunk({ shapes: [green, back], frames: 24, detections: everyFour([green, back], 24), prompts: [promptOn(0, 60, { box: boxOf(back, 0) }), promptOn(18, 60, { box: boxOf(back, 18) })] });
    expect(tracklets.filter(({ givenId }) => givenId === 60)).toHaveLength(1);
    expect(seenOn(lines, 60)).toEqual(expect.arrayContaining([...upTo(5), ...upTo(24, 18)]));
    for (const { position, objects } of lines) if (position >= 17) expect([position, objects.length]).toEqual([position, 2]);
  });

  it('correct an object that is followed: from that frame on it is what the user says', async () => {
    const prompts = [promptOn(0, 3, { mask: coco(visibleMask(shapes, red, 0)) }), promptOn(8, 3, { box: boxOf(green, 8) })];
    const { lines, tracklets } = await runChunk({ shapes, frames: 16, detections: none, prompts });
    expect(tracklets).toHaveLength(1);
    expect(rleIou(maskOn(lines, 7, 3)!, visibleMask(shapes, red, 7))).toBeGreaterThan(0.7);
    for (const t of upTo(16, 8)) expect([t, rleIou(maskOn(lines, t, 3)!, visibleMask(shapes, green, t)) > 0.7]).toEqual([t, true]);
  });

  it('feed the tracked mask to SAM where points lie on it or say what is not the object, and nowhere else', async () => {
    const first = promptOn(0, 3, { mask: coco(visibleMask(shapes, red, 0)) });
    const fed = async (said: Partial<GivenPrompt>): Promise<boolean[]> => {
      const input = chunkInput({ shapes, frames: 5, detections: none, tracker: 'memory', prompts: [first, promptOn(4, 3, said)] });
      const decode = jest.spyOn(input.segmenter, 'decode');
      for await (const event of trackChunk(input)) void event;
      return decode.mock.calls.map(([, batch]) => batch.maskInput !== undefined);
    };
    expect(await fed({ points: [middleOf(red, 4)] })).toEqual([true]);
    expect(await fed({ points: [middleOf(red, 4), [150, 90]], labels: [1, 0] })).toEqual([true]);
    expect(await fed({ points: [[150, 90]], labels: [0] })).toEqual([true]);
    expect(await fed({ points: [middleOf(green, 4)] })).toEqual([false]);
    expect(await fed({ box: boxOf(red, 4), points: [middleOf(red, 4)] })).toEqual([false]);
  });

  it('start an object again after a scene cut, as the same one', async () => {
    const prompts = [promptOn(2, 5, { box: boxOf(red, 2) }), promptOn(10, 5, { box: boxOf(green, 10) }), promptOn(10, 8, { points: [middleOf(red, 10)] })];
    const { lines, tracklets } = await runChunk({ shapes, frames: 16, detections: none, prompts, sceneCuts: [7, 10] });
    expect(tracklets.map(({ localId, givenId }) => [localId, givenId])).toEqual([[5, 5], [8, 8]]);
    expect([seenOn(lines, 5), seenOn(lines, 8)]).toEqual([[...upTo(7), ...upTo(16, 10)], upTo(16, 10)]);
  });

  it.each(['prompt', 'memory'] as const)('stand on a detection frame at a scene cut, and nothing is found twice (%s tracker)', async (tracker) => {
    const narrow: Shape = { ...red, width: 33 };
    const mask = visibleMask([narrow], narrow, 8);
    const { lines, tracklets } = await runChunk({ shapes, frames: 16, detections: everyFour(shapes, 16), tracker, sceneCuts: [8], prompts: [promptOn(8, 40, { mask: coco(mask) })] });
    expect(rleIou(maskOn(lines, 8, 40)!, mask)).toBe(1);
    expect(seenOn(lines, 40)).toEqual(upTo(16, 8));
    expect(tracklets.map(({ givenId, firstPosition, lastPosition }) => [givenId ?? null, firstPosition, lastPosition])).toEqual([[40, 8, 15], [null, 0, 7], [null, 0, 7], [null, 8, 15]]);
  });

  it('keep found objects off the numbers of given ones, whenever these come', async () => {
    const { tracklets } = await runChunk({ shapes, frames: 12, detections: everyFour(shapes, 12, [red]), prompts: [promptOn(9, 2, { box: boxOf(red, 9) })] });
    expect(tracklets.map(({ localId, givenId }) => [localId, givenId ?? null])).toEqual([[2, 2], [3, null]]);
  });

  it.each(['prompt', 'memory'] as const)('give the same bytes when resumed from any checkpoint (%s tracker)', async (tracker) => {
    const hidden: Shape = { ...still, place: (t) => (t >= 20 && t < 26 ? null : [60, 40]) };
    const scene = [red, green, hidden];
    const prompts = [
      promptOn(6, 5, { points: [middleOf(green, 6)] }),
      promptOn(13, 9, { box: boxOf(red, 13) }),
      promptOn(15, 5, { points: [middleOf(green, 15), [5, 90]], labels: [1, 0] }),
      promptOn(28, 9, { mask: coco(visibleMask(scene, hidden, 28)) }),
      promptOn(39, 11, { box: boxOf(hidden, 39) }),
    ];
    const setup: ChunkSetup = { shapes: scene, frames: 44, detections: new Map([0, 8, 12, 16, 24].map((t) => [t, detectShapes(scene, t, [red])])), tracker, sceneCuts: [30], prompts };
    const whole = await runChunk(setup);
    const checkpoints = (events: readonly ChunkTrackerEvent[]): Uint8Array[] => events.flatMap((event) => (event.kind === 'lines' ? [event.checkpoint] : []));
    const stops = whole.events.filter((event) => event.kind === 'lines');
    expect(stops.length).toBe(5);
    for (const [i, stop] of stops.entries()) {
      const rest = await runChunk({ ...setup, resume: stop.checkpoint, firstFrame: stop.position });
      expect(JSON.stringify(rest.lines)).toBe(JSON.stringify(whole.lines.filter(({ position }) => position > stop.position)));
      expect(JSON.stringify(rest.tracklets)).toBe(JSON.stringify(whole.tracklets));
      expect(checkpoints(rest.events)).toEqual(checkpoints(whole.events).slice(i + 1));
    }
  });
});
