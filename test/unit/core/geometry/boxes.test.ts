import fc from 'fast-check';
import {
  boxArea,
  boxIntersection,
  boxIntersectionArea,
  boxIou,
  boxUnion,
  boxXywhToXyxy,
  boxXyxyToXywh,
  boxesOverlap,
  clipBox,
  expandBox,
  inclusiveToExclusiveBox,
  isEmptyBox,
  scaleBox,
  translateBox,
  type BoxXyxy,
} from '../../../../core/geometry/boxes';
import { batchedNms, maskNms, nms, orderByScore } from '../../../../core/geometry/nms';
import { rectangle } from '../support/masks';

const boxes: fc.Arbitrary<BoxXyxy> = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)).map(([x, y, w, h]) => [x, y, x + w, y + h]);

describe('boxes', () => {
  it('convert there and back', () => {
    fc.assert(fc.property(boxes, (box) => expect(boxXywhToXyxy(boxXyxyToXywh(box))).toEqual(box)));
    expect(inclusiveToExclusiveBox([1, 2, 3, 4])).toEqual([1, 2, 4, 5]);
  });

  it('intersection, union and IoU fit together', () => {
    fc.assert(
      fc.property(boxes, boxes, (a, b) => {
        expect(boxArea(boxIntersection(a, b))).toBe(boxIntersectionArea(a, b));
        expect(boxIou(a, b)).toBe(boxIou(b, a));
        expect(boxIou(a, a)).toBe(isEmptyBox(a) ? 0 : 1);
        expect(boxArea(boxUnion(a, b))).toBeGreaterThanOrEqual(Math.max(boxArea(a), boxArea(b)));
        if (boxIntersectionArea(a, b) > 0) expect(boxesOverlap(a, b)).toBe(true);
      }),
    );
  });

  it('boxes that only touch do not overlap', () => {
    expect(boxesOverlap([0, 0, 2, 2], [2, 0, 4, 2])).toBe(false);
    expect(boxIou([0, 0, 2, 2], [2, 0, 4, 2])).toBe(0);
  });

  it('clip, expand, move and scale', () => {
    expect(clipBox([-3, 2, 5, 99], 4, 10)).toEqual([0, 2, 4, 10]);
    expect(clipBox([5, 5, 9, 9], 4, 4)).toEqual([0, 0, 0, 0]);
    expect(expandBox([2, 2, 4, 4], 1)).toEqual([1, 1, 5, 5]);
    expect(expandBox([2, 2, 4, 4], 1, -1)).toEqual([1, 3, 5, 3]);
    expect(translateBox([0, 1, 2, 3], 1, -1)).toEqual([1, 0, 3, 2]);
    expect(scaleBox([1, 2, 3, 4], 2, 0.5)).toEqual([2, 1, 6, 2]);
  });
});

describe('nms', () => {
  it.each([
    ['nothing from nothing', [], [], []],
    ['one box', [[0, 0, 1, 1]], [0.1], [0]],
    ['of equal boxes with equal scores the first', [[0, 0, 2, 2], [0, 0, 2, 2]], [0.5, 0.5], [0]],
    ['the higher score wins', [[0, 0, 4, 4], [0, 0, 4, 3]], [0.2, 0.9], [1]],
    ['an IoU equal to the threshold is kept', [[0, 0, 2, 2], [0, 0, 2, 1]], [0.9, 0.8], [0, 1]],
    ['a dropped box drops nothing itself', [[0, 0, 10, 1], [3, 0, 13, 1], [6, 0, 16, 1]], [0.9, 0.8, 0.7], [0, 2]],
    ['empty boxes never suppress', [[0, 0, 0, 0], [0, 0, 0, 0]], [0.9, 0.8], [0, 1]],
  ] as [string, BoxXyxy[], number[], number[]][])('keeps %s', (_, list, scores, kept) => {
    expect(nms(list, scores, 0.5)).toEqual(kept);
  });

  it('agrees with the plain definition, group by group', () => {
    const item = fc.tuple(boxes, fc.integer({ min: 0, max: 4 }), fc.nat(2));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.constantFrom(0.3, 0.5, 0.7), (items, thresh) => {
        const list = items.map((i) => i[0]);
        const scores = items.map((i) => i[1] / 4);
        const groups = items.map((i) => i[2]);
        const kept: number[] = [];
        for (const i of orderByScore(scores))
          if (!kept.some((k) => groups[k] === groups[i] && boxIou(list[k]!, list[i]!) > thresh)) kept.push(i);
        expect(batchedNms(list, scores, groups, thresh)).toEqual(kept);
      }),
    );
  });

  it('on masks agrees with boxes when the masks are boxes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(boxes, fc.nat(3)), { maxLength: 8 }), (items) => {
        const solid = items.filter(([box]) => !isEmptyBox(box));
        const masks = solid.map(([box]) => rectangle(20, 20, box[0], box[1], box[2] - box[0], box[3] - box[1]));
        const scores = solid.map((i) => i[1]);
        expect(maskNms(masks, scores, 0.4)).toEqual(nms(solid.map((i) => i[0]), scores, 0.4));
      }),
    );
  });

  it('NaN scores come last and lists must be of one length', () => {
    expect(Array.from(orderByScore([NaN, 1, -Infinity, 2]))).toEqual([3, 1, 0, 2]);
    expect(() => nms([[0, 0, 1, 1]], [], 0.5)).toThrow(RangeError);
    expect(() => batchedNms([[0, 0, 1, 1]], [1], [], 0.5)).toThrow(RangeError);
    expect(() => maskNms([], [1], 0.5)).toThrow(RangeError);
  });
});
