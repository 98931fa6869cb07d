import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { rleIou } from '../../../core/mask/rle-ops';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import type { TrackFrame, TrackedMask, TrackerSession } from '../../../core/tracking/types';
import { BLUE, GREEN, RED, drawScene, visibleMask, type Shape } from './drawn-scene';

/** The suite that every tracker passes. The segmenter must see the shapes of drawScene. `leavesPresence`: it only predicts, detections say what is there. */
export function describeTracker(name: string, createSegmenter: () => PromptableSegmenter, createSession: (segmenter: PromptableSegmenter) => TrackerSession, leavesPresence = false): void {
  describe(`the ${name} tracker`, () => {
    const red: Shape = { colour: RED, width: 40, height: 32, place: (t) => [10 + 3 * t, 20 + t] };
    const green: Shape = { colour: GREEN, width: 32, height: 28, place: (t) => [120 - 2 * t, 60 - t] };
    const shapes = [red, green];
    const make = (): { session: TrackerSession; frame: (t: number) => TrackFrame } => {
      const segmenter = createSegmenter();
      return { session: createSession(segmenter), frame: (t) => createTrackFrame(t, drawScene(shapes, t), segmenter) };
    };
    const both = (t: number): { objectId: number; rle: ReturnType<typeof visibleMask>; score: number }[] => [
      { objectId: 7, rle: visibleMask(shapes, red, t), score: 0.9 },
      { objectId: 3, rle: visibleMask(shapes, green, t), score: 0.9 },
    ];
    const expectOnShapes = (masks: readonly TrackedMask[], t: number): void => {
      expect(masks.map(({ objectId, present }) => [objectId, present])).toEqual([
        [3, true],
        [7, true],
      ]);
      expect(rleIou(masks[0]!.rle, visibleMask(shapes, green, t))).toBeGreaterThan(0.75);
      expect(rleIou(masks[1]!.rle, visibleMask(shapes, red, t))).toBeGreaterThan(0.75);
      for (const { score } of masks) expect(score).toBeGreaterThan(0);
      for (const { score } of masks) expect(score).toBeLessThanOrEqual(1);
    };

    it('follows shapes forward and answers by ascending id', async () => {
      const { session, frame } = make();
      await session.start(frame(0));
      await session.addObjects(both(0));
      for (let t = 1; t <= 6; t++) expectOnShapes(await session.step(frame(t)), t);
    });

    it('follows shapes backward', async () => {
      const { session, frame } = make();
      await session.start(frame(6));
      await session.addObjects(both(6));
      for (let t = 5; t >= 0; t--) expectOnShapes(await session.step(frame(t)), t);
    });

    it('goes on with the same bits after a snapshot is restored in a fresh session', async () => {
      const { session, frame } = make();
      await session.start(frame(0));
      await session.addObjects(both(0));
      for (let t = 1; t <= 3; t++) await session.step(frame(t));
      const snapshot = session.snapshot();
      const other = make();
      await other.session.restore(snapshot, other.frame(3));
      expect(other.session.snapshot()).toEqual(snapshot);
      for (let t = 4; t <= 6; t++) expect(await other.session.step(other.frame(t))).toEqual(await session.step(frame(t)));
      expect(other.session.snapshot()).toEqual(session.snapshot());
    });

    it('replaces the mask of an object it already follows', async () => {
      const { session, frame } = make();
      await session.start(frame(0));
      await session.addObjects([{ objectId: 7, rle: visibleMask(shapes, green, 0), score: 0.5 }]);
      await session.addObjects(both(0));
      expectOnShapes(await session.step(frame(1)), 1);
    });

    it('forgets removed objects, ignores unknown ones, and can follow a removed id no more', async () => {
      const { session, frame } = make();
      await session.start(frame(0));
      await session.addObjects(both(0));
      session.removeObjects([7, 99]);
      expect((await session.step(frame(1))).map(({ objectId }) => objectId)).toEqual([3]);
    });

    it('answers nothing without objects', async () => {
      const { session, frame } = make();
      await session.start(frame(0));
      await session.addObjects([]);
      expect(await session.step(frame(1))).toEqual([]);
    });

    const itUnless = (skip: boolean, title: string, body: () => Promise<void>): void => (skip ? undefined : it(title, body));
    itUnless(leavesPresence, 'says that a shape that left the picture is not present', async () => {
      const leaving: Shape = { colour: BLUE, width: 36, height: 36, place: (t) => [110 + 12 * t, 30] };
      const segmenter = createSegmenter();
      const session = createSession(segmenter);
      const frame = (t: number): TrackFrame => createTrackFrame(t, drawScene([leaving], t), segmenter);
      await session.start(frame(0));
      await session.addObjects([{ objectId: 1, rle: visibleMask([leaving], leaving, 0), score: 0.9 }]);
      let masks: TrackedMask[] = [];
      for (let t = 1; t <= 7; t++) masks = await session.step(frame(t));
      expect(masks[0]!.present).toBe(false);
      expect(masks[0]!.score).toBe(0);
    });

    it('refuses an empty mask, a step before the start, and a snapshot of something else', async () => {
      const { session, frame } = make();
      await expect(session.step(frame(1))).rejects.toThrow(RangeError);
      await session.start(frame(0));
      const empty = { width: 160, height: 96, counts: Uint32Array.of(160 * 96) };
      await expect(session.addObjects([{ objectId: 1, rle: empty, score: 1 }])).rejects.toThrow(RangeError);
      await expect(session.restore(new Uint8Array(16), frame(0))).rejects.toThrow(RangeError);
      await expect(session.restore(session.snapshot().slice(0, 3), frame(0))).rejects.toThrow(RangeError);
    });

    it('can be disposed of twice', async () => {
      const { session, frame } = make();
      await session.start(frame(0));
      await session.addObjects(both(0));
      await session.dispose();
      await session.dispose();
    });
  });
}
