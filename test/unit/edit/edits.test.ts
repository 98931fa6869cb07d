import fc from 'fast-check';
import type { Edit, TrailLine } from '../../../contracts/edits';
import type { MaskLine } from '../../../contracts/pipeline-artefacts';
import { BY_HAND } from '../../../contracts/stitch-report';
import { editLine } from '../../../core/edit/edit-line';
import { editReport } from '../../../core/edit/edit-report';
import { EditedObjects } from '../../../core/edit/edited-objects';
import { findMoments } from '../../../core/edit/find-moment';
import { FrameIntervals } from '../../../core/edit/frame-intervals';
import { Presence } from '../../../core/edit/presence';
import { activeEdits, isOverlayCurrent, replayTrail, splitFrames } from '../../../core/edit/replay-trail';
import { UnitedFrames } from '../../../core/edit/united-frames';
import { UsedIds } from '../../../core/edit/used-ids';
import { rleArea } from '../../../core/mask/rle';
import { rleUnion } from '../../../core/mask/rle-ops';
import { fromCocoRle, toCocoRle } from '../../../core/mask/rle-string';
import { ResultFigures } from '../../../core/pipeline/result-figures';
import { viewerStitchReport } from '../../support/viewer-result';
import { doubtfulJoins } from '../../../viewer/doubtful-joins';
import { rectangle } from '../core/support/masks';

const FRAMES = 12;

/** Objects 1…4 as columns of one pixel row: 1 and 2 overlap and are there always, 3 in the first half, 4 in the second. */
function film(): MaskLine[] {
  return Array.from({ length: FRAMES }, (_, frame) => {
    const ids = [1, 2, frame < FRAMES / 2 ? 3 : 4];
    const objects = ids.map((id) => {
      const rle = rectangle(32, 8, id * 4, 1, 6, 4);
      return { id, score: 0.5 + id / 100, bbox: [id * 4, 1, 6, 4] as [number, number, number, number], area: rleArea(rle), segmentation: toCocoRle(rle) as MaskLine['objects'][number]['segmentation'] };
    });
    return { frame, time: frame / 10, objects };
  });
}

function start(frames: number[] = [], lines = film()): { objects: EditedObjects; used: UsedIds; presence: Presence } {
  const presence = new Presence(new FrameIntervals(frames));
  for (const line of lines) presence.add(line);
  const used = new UsedIds();
  return { objects: new EditedObjects(presence, used, new Map([[2, 'dog']])), used, presence };
}

const edited = (objects: EditedObjects, lines = film()): MaskLine[] => lines.map((line) => editLine(line, (id, frame) => objects.idAt(id, frame)));
const idsOf = (lines: readonly MaskLine[]): number[][] => lines.map(({ objects }) => objects.map(({ id }) => id));

describe('edits', () => {
  it('merge unites the masks where both are, and counts those frames', () => {
    const { objects } = start();
    const united = new UnitedFrames(objects.freeze([1, 2]), [1, 2]);
    expect(objects.apply({ edit: 'merge', ids: [1, 2], into: 1 })).toBe(2 * FRAMES - FRAMES);
    for (const line of film()) united.add(line);
    expect(united.count).toBe(FRAMES);
    const [line] = edited(objects);
    const [one, two] = film()[0]!.objects;
    expect(fromCocoRle(line!.objects[0]!.segmentation)).toEqual(rleUnion(fromCocoRle(one!.segmentation), fromCocoRle(two!.segmentation)));
    expect(line!.objects[0]).toMatchObject({ id: 1, score: 0.515, bbox: [4, 1, 10, 4], area: 40 });
    expect(idsOf([line!])).toEqual([[1, 3]]);
    expect(objects.labels.get(1)).toBe('dog');
  });

  it('merge joins an object that came back without changing a mask', () => {
    const { objects } = start();
    const united = new UnitedFrames(objects.freeze([3, 4]), [3, 4]);
    objects.apply({ edit: 'merge', ids: [3, 4], into: 3 });
    for (const line of film()) united.add(line);
    expect(united.count).toBe(0);
    expect(edited(objects)[FRAMES - 1]!.objects[2]).toEqual({ ...film()[FRAMES - 1]!.objects[2], id: 3 });
  });

  it('split gives the rest a new ID, again and again', () => {
    const { objects, used } = start([4, 8]);
    expect(objects.apply({ edit: 'split', id: 1, frame: 4, newId: used.next() })).toBe(8);
    expect(objects.apply({ edit: 'split', id: 5, frame: 8, newId: used.next() })).toBe(4);
    expect([0, 3, 4, 7, 8, 11].map((frame) => objects.idAt(1, frame))).toEqual([1, 1, 5, 5, 6, 6]);
    expect(idsOf(edited(objects))[11]).toEqual([2, 4, 6]);
  });

  it('delete leaves nothing of an object, and a line without it is the very same', () => {
    const { objects } = start();
    const lines = film();
    objects.apply({ edit: 'delete', ids: [3] });
    const result = edited(objects, lines);
    expect(idsOf(result)[0]).toEqual([1, 2]);
    expect(result[FRAMES - 1]).toBe(lines[FRAMES - 1]);
  });

  it('never gives a number to another object, but gives it back to the same one', () => {
    const { objects, used } = start();
    objects.apply({ edit: 'rename', id: 2, to: 9 });
    expect(objects.labels.get(9)).toBe('dog');
    expect(() => objects.apply({ edit: 'rename', id: 1, to: 2 })).toThrow(/number 2 is or was another object's.*10 is free/);
    expect(() => objects.apply({ edit: 'merge', ids: [1, 3], into: 2 })).toThrow(/number 2/);
    objects.apply({ edit: 'rename', id: 9, to: 2 });
    objects.apply({ edit: 'delete', ids: [2] });
    expect(used.next()).toBe(10);
  });

  it.each<[Edit, RegExp]>([
    [{ edit: 'merge', ids: [1, 1], into: 1 }, /object 1 is named twice/],
    [{ edit: 'merge', ids: [1, 7], into: 1 }, /there is no object 7/],
    [{ edit: 'delete', ids: [7] }, /there is no object 7/],
    [{ edit: 'split', id: 1, frame: 0, newId: 5 }, /seen from frame 0 to 11, so frame 0 does not split it; give one from 1 to 11/],
    [{ edit: 'split', id: 3, frame: 6, newId: 5 }, /seen from frame 0 to 5/],
    [{ edit: 'split', id: 4, frame: 6, newId: 5 }, /seen from frame 6 to 11/],
    [{ edit: 'rename', id: 1, to: 1 }, /has this number already/],
    [{ edit: 'label', id: 1, label: '' }, /has no name/],
    [{ edit: 'label', id: 2, label: 'dog' }, /is called that already/],
  ])('%j is refused with a sentence and changes nothing', (edit, sentence) => {
    const { objects } = start(splitFrames([edit]));
    expect(() => objects.apply(edit)).toThrow(sentence);
    expect(edited(objects)).toEqual(film());
    expect(objects.count).toBe(4);
  });

  it('a time is the first frame at or after it', async () => {
    async function* times() {
      yield* film();
    }
    expect([...(await findMoments([7, '3', '0.31s', '0:01', '0:00.4'], times()))]).toEqual([[7, 7], ['3', 3], ['0.31s', 4], ['0:00.4', 4], ['0:01', 10]]);
    await expect(findMoments(['1:00'], times())).rejects.toThrow(/the last frame is at 1.1 s/);
  });
});

/** A random edit for the objects that there are; null when it would be refused. */
interface Draw {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly frame: number;
}
const draws = fc.array(fc.record({ kind: fc.nat(5), a: fc.nat(30), b: fc.nat(30), frame: fc.nat(FRAMES) }), { maxLength: 14 });

function editOf({ kind, a, b, frame }: Draw, used: UsedIds): Edit | 'undo' {
  if (kind === 0) return { edit: 'merge', ids: [a, b], into: a };
  if (kind === 1) return { edit: 'split', id: a, frame, newId: used.next() };
  if (kind === 2) return { edit: 'delete', ids: [a] };
  if (kind === 3) return { edit: 'rename', id: a, to: b };
  return kind === 4 ? { edit: 'label', id: a, label: `name ${b}` } : 'undo';
}

const ALL_FRAMES = Array.from({ length: FRAMES + 1 }, (_, i) => i);
const lineOf = (number: number, edit: TrailLine['edit'], overlay: TrailLine['overlay'] = 'kept'): TrailLine => ({ schemaVersion: 1, number, time: '2026-01-01T00:00:00.000Z', version: '0', edit, changed: { masks: 0 }, objects: 0, overlay });

/** Do random edits and undos as the command does: replay, then apply. */
function perform(list: readonly Draw[]): { trail: TrailLine[]; newIds: number[]; presence: Presence } {
  const { presence } = start(ALL_FRAMES);
  const trail: TrailLine[] = [];
  const newIds: number[] = [];
  for (const draw of list) {
    const { objects, used } = replayTrail(presence, new Map(), trail);
    const edit = editOf({ ...draw, a: (draw.a % (used.next() - 1)) + 1, b: (draw.b % (used.next() + 3)) + 1 }, used);
    if (edit === 'undo') {
      const last = activeEdits(trail).at(-1);
      if (last !== undefined) trail.push(lineOf(trail.length + 1, { edit: 'undo', number: last.number }));
      continue;
    }
    try {
      objects.apply(edit);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      continue;
    }
    if (edit.edit === 'split') newIds.push(edit.newId);
    trail.push(lineOf(trail.length + 1, edit));
  }
  return { trail, newIds, presence };
}

describe('random edits', () => {
  it('and as many undos give the original', () => {
    fc.assert(
      fc.property(draws, (list) => {
        const { trail, presence } = perform(list);
        for (let last = activeEdits(trail).at(-1); last !== undefined; last = activeEdits(trail).at(-1)) trail.push(lineOf(trail.length + 1, { edit: 'undo', number: last.number }));
        const { objects } = replayTrail(presence, new Map(), trail);
        const lines = film();
        expect(edited(objects, lines).every((line, i) => line === lines[i])).toBe(true);
        expect([objects.count, objects.labels.size]).toEqual([4, 0]);
      }),
    );
  });

  it('never give an ID twice, whatever was deleted or undone', () => {
    fc.assert(
      fc.property(draws, (list) => {
        const { newIds, trail, presence } = perform(list);
        expect(new Set(newIds).size).toBe(newIds.length);
        expect(newIds.every((id) => id > 4)).toBe(true);
        // One pixel row's worth of an object has one ID at a time, and every mask that is there has an ID that counts.
        const { objects } = replayTrail(presence, new Map(), trail);
        const seen = new Set(edited(objects).flatMap((line) => line.objects.map(({ id }) => id)));
        expect(seen.size).toBe(objects.count);
      }),
    );
  });

  it('merging gives the same in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 2 }), (ids) => {
        const [one, two, steps] = [start(), start(), start()];
        const into = Math.min(...ids);
        one.objects.apply({ edit: 'merge', ids, into });
        two.objects.apply({ edit: 'merge', ids: [...ids].reverse(), into });
        for (const id of ids.filter((other) => other !== into)) steps.objects.apply({ edit: 'merge', ids: [id, into], into });
        expect(edited(one.objects)).toEqual(edited(two.objects));
        expect(edited(one.objects)).toEqual(edited(steps.objects));
      }),
    );
  });

  it('are counted as if the result had been made so', () => {
    const { objects, used } = start([4]);
    objects.apply({ edit: 'split', id: 1, frame: 4, newId: used.next() });
    objects.apply({ edit: 'delete', ids: [2] });
    const figures = new ResultFigures();
    for (const line of edited(objects)) figures.add(line);
    expect(figures.result(new Map([[5, 'cat']]))).toMatchObject({
      masks: 2 * FRAMES,
      objects: [{ id: 1, firstFrame: 0, lastFrame: 3, frames: 4, meanArea: 24, meanScore: 0.51 }, { id: 3, frames: 6 }, { id: 4, frames: 6 }, { id: 5, firstFrame: 4, lastFrame: 11, frames: 8, label: 'cat' }],
    });
  });
});

describe('the trail', () => {
  it('knows whether overlay.mp4 shows the IDs of now', () => {
    const merge: Edit = { edit: 'merge', ids: [1, 2], into: 1 };
    expect(isOverlayCurrent([])).toBe(true);
    expect(isOverlayCurrent([lineOf(1, merge)])).toBe(false);
    expect(isOverlayCurrent([lineOf(1, merge), lineOf(2, { edit: 'undo', number: 1 })])).toBe(true);
    expect(isOverlayCurrent([lineOf(1, merge, 'drawn'), lineOf(2, { edit: 'label', id: 1, label: 'a' })])).toBe(true);
    expect(isOverlayCurrent([lineOf(1, merge, 'drawn'), lineOf(2, { edit: 'undo', number: 1 })])).toBe(false);
    expect(isOverlayCurrent([lineOf(1, merge), lineOf(2, { edit: 'overlay' }, 'drawn')])).toBe(true);
  });

  it('refuses an undo of anything but the last edit', () => {
    expect(() => activeEdits([lineOf(1, { edit: 'delete', ids: [1] }), lineOf(2, { edit: 'delete', ids: [2] }), lineOf(3, { edit: 'undo', number: 1 })])).toThrow(/not the last one/);
  });
});

describe('the stitch report', () => {
  const intervals = new FrameIntervals([145, 200]);

  it('says which decisions were settled by hand', () => {
    const merged = editReport(viewerStitchReport(), (id) => (id === 3 ? 2 : id), intervals);
    expect(merged.joins.map(({ decision, reason }) => [decision, reason])).toEqual([['joined', 'same pixels'], ['joined', BY_HAND], ['rejected', 'another pair fits better']]);
    expect(merged.reidentifications).toMatchObject([{ beforeGlobalId: 2, afterGlobalId: 2, decision: 'joined', reason: BY_HAND }]);
    expect(merged.counts).toMatchObject({ joined: 2, ambiguous: 0, reidentified: 1, suggested: 0 });
    expect(merged.objects.map(({ id }) => id)).toEqual([1, 2, 4]);
    const doubts = (report: typeof merged): number => doubtfulJoins(report, { firstFrame: 0, frameStep: 1 }).total;
    expect([doubts(viewerStitchReport()), doubts(merged)]).toEqual([2, 0]);
  });

  it('splits at the border of two chunks, and forgets deleted objects', () => {
    const split = editReport(viewerStitchReport(), (id, frame) => (id === 1 ? (frame >= 145 ? 5 : 1) : id === 3 ? 0 : id), intervals);
    expect(split.joins).toMatchObject([{ leftGlobalId: 1, rightGlobalId: 5, decision: 'rejected', reason: BY_HAND }, { leftGlobalId: 2, rightGlobalId: null, decision: 'ambiguous' }, { rightGlobalId: null }]);
    expect(split.reidentifications).toEqual([]);
    expect(split.objects.map(({ id }) => id)).toEqual([1, 2, 4, 5]);
  });

  it('is the same without edits', () => {
    expect(editReport(viewerStitchReport(), (id) => id, intervals)).toEqual(viewerStitchReport());
  });
});
