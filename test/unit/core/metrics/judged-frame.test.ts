import type { Rle } from '../../../../core/mask/types';
import { HotaAlignment } from '../../../../core/metrics/hota-alignment';
import { compareMasks, judgeFrame, type TruthAndPredictions } from '../../../../core/metrics/judged-frame';
import { rectangle } from '../support/masks';

const box = (x: number, w: number): Rle => rectangle(100, 20, x, 0, w, 20);
const masks = (record: Record<number, Rle>): Map<number, Rle> => new Map(Object.entries(record).map(([id, rle]) => [Number(id), rle]));

function keptOf(truth: Record<number, Rle>, predictions: Record<number, Rle>, rest: Partial<TruthAndPredictions> = {}): readonly number[] {
  const frame = judgeFrame({ truth: masks(truth), predictions: masks(predictions), ignored: null, everyObject: false, ...rest }, null);
  expect(frame.leftOut).toBe(Object.keys(predictions).length - frame.trackIds.length);
  expect(frame.iou).toHaveLength(frame.truthIds.length * frame.trackIds.length);
  return frame.trackIds;
}

describe('judgeFrame with partly labelled truth', () => {
  it('leaves out what lies on unlabelled pixels, and keeps what matches', () => {
    expect(keptOf({ 1: box(0, 20) }, { 5: box(0, 20), 6: box(50, 20) })).toEqual([5]);
  });

  it('leaves out parts of a matched object, wholes around it, and a second mask of it', () => {
    expect(keptOf({ 1: box(0, 20) }, { 5: box(0, 20), 6: box(0, 8), 7: box(0, 60), 8: box(0, 18) })).toEqual([5]);
  });

  it('keeps what stands for an object that nothing matches', () => {
    expect(keptOf({ 1: box(0, 40) }, { 6: box(0, 10), 7: box(10, 9) })).toEqual([6, 7]);
    expect(keptOf({ 1: box(0, 40), 2: box(40, 20) }, { 2: box(40, 20), 6: box(30, 18) })).toEqual([2, 6]);
  });

  it('keeps to the track that fits over the whole video where two masks match one object', () => {
    const video = [14, 17, 14, 17].map((width, t) => ({ truth: masks({ 1: box(0, 20) }), predictions: masks(t % 2 === 0 ? { 5: box(0, 16) } : { 5: box(0, 16), 6: box(0, width) }), ignored: null }));
    const alignment = new HotaAlignment();
    for (const frame of video) alignment.addFrame(compareMasks(frame));
    const kept = (given: HotaAlignment | null) => video.map((frame) => judgeFrame({ ...frame, everyObject: false }, given).trackIds);
    expect(kept(null)).toEqual([[5], [6], [5], [6]]);
    expect(kept(alignment)).toEqual([[5], [5], [5], [5]]);
  });

  it('needs more than half of a mask on pixels without truth', () => {
    expect(keptOf({ 1: box(0, 40) }, { 6: box(30, 20) })).toEqual([6]);
    expect(keptOf({ 1: box(0, 40) }, { 6: box(30, 21) })).toEqual([]);
  });
});

describe('judgeFrame with truth that shows every object', () => {
  it('keeps every mask', () => {
    expect(keptOf({ 1: box(0, 20) }, { 5: box(0, 20), 6: box(0, 8), 7: box(50, 20) }, { everyObject: true })).toEqual([5, 6, 7]);
  });

  it('takes void pixels off, and leaves out what lies mostly there', () => {
    const rest = { everyObject: true, ignored: box(20, 30) };
    expect(keptOf({ 1: box(0, 20) }, { 5: box(0, 30), 6: box(25, 20), 7: box(39, 20), 8: box(45, 20) }, rest)).toEqual([5, 8]);
    const { iou } = judgeFrame({ truth: masks({ 1: box(0, 20) }), predictions: masks({ 5: box(0, 30) }), ...rest }, null);
    expect([...iou]).toEqual([1]);
  });
});

describe('judgeFrame', () => {
  it('gives the IoU of every object with every kept mask, row by row', () => {
    const frame = judgeFrame({ truth: masks({ 1: box(0, 20), 2: box(20, 20) }), predictions: masks({ 9: box(80, 10), 5: box(20, 20), 6: box(0, 40) }), ignored: null, everyObject: true }, null);
    expect([frame.trackIds, [...frame.iou]]).toEqual([[5, 6, 9], [0, 0.5, 0, 1, 0.5, 0]]);
  });

  it('drops empty masks, and takes frames without truth or without masks', () => {
    expect(keptOf({}, { 1: box(0, 0) })).toEqual([]);
    expect(keptOf({ 1: box(0, 0) }, {})).toEqual([]);
    expect(keptOf({}, { 1: box(0, 5) }, { everyObject: true })).toEqual([1]);
  });

  it('throws when sizes differ', () => {
    expect(() => keptOf({ 1: box(0, 20) }, { 5: rectangle(50, 20, 0, 0, 9, 9) })).toThrow(RangeError);
  });
});
