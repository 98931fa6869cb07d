import { bitmaskNot, createBitmask } from '../../../../core/mask/bitmask-ops';
import { decodeRle } from '../../../../core/mask/rle';
import { contourAccuracy, contourTolerance } from '../../../../core/metrics/contour-accuracy';
import { labelMapToRles, rlesToLabelMap } from '../../../../core/metrics/label-map';
import { regionSimilarity } from '../../../../core/metrics/region-similarity';
import { rectangle } from '../support/masks';

const box = (x: number, y: number, w: number, h: number): ReturnType<typeof rectangle> => rectangle(60, 40, x, y, w, h);
const none = box(0, 0, 0, 0);

describe('regionSimilarity', () => {
  it.each([
    ['both empty', none, none, 1],
    ['nothing predicted', none, box(0, 0, 5, 5), 0],
    ['nothing there', box(0, 0, 5, 5), none, 0],
    ['equal', box(3, 3, 9, 9), box(3, 3, 9, 9), 1],
    ['half', box(0, 0, 4, 2), box(2, 0, 4, 2), 1 / 3],
  ])('of %s', (_, p, g, expected) => {
    expect(regionSimilarity(p, g)).toBeCloseTo(expected, 12);
    expect(regionSimilarity(g, p)).toBeCloseTo(expected, 12);
  });
});

describe('contourAccuracy', () => {
  it('has the tolerance of DAVIS', () => {
    expect([contourTolerance(854, 480), contourTolerance(1280, 720), contourTolerance(1, 1)]).toEqual([8, 12, 1]);
  });

  it.each([
    ['equal masks', box(10, 10, 12, 12), box(10, 10, 12, 12), 1],
    ['a shift within the tolerance', box(11, 10, 12, 12), box(10, 10, 12, 12), 1],
    ['masks far apart', box(2, 2, 8, 8), box(40, 20, 8, 8), 0],
    ['both empty', none, none, 1],
    ['nothing predicted', none, box(10, 10, 5, 5), 0],
    ['nothing there', box(10, 10, 5, 5), none, 0],
  ])('of %s', (_, p, g, expected) => {
    expect(contourAccuracy(decodeRle(p), decodeRle(g), 1)).toBeCloseTo(expected, 12);
  });

  it('counts the share of the boundary that is near', () => {
    // Four of five rectangles' edges agree: the predicted one is 10 pixels longer to the right.
    const f = contourAccuracy(decodeRle(box(10, 10, 20, 10)), decodeRle(box(10, 10, 10, 10)), 1);
    expect(f).toBeGreaterThan(0.6);
    expect(f).toBeLessThan(0.85);
    expect(contourAccuracy(decodeRle(box(10, 10, 10, 10)), decodeRle(box(10, 10, 20, 10)), 1)).toBeCloseTo(f, 12);
  });

  it('a mask that fills the picture has no boundary', () => {
    const full = bitmaskNot(createBitmask(9, 9));
    expect(contourAccuracy(full, full)).toBe(1);
    expect(() => contourAccuracy(full, createBitmask(8, 9))).toThrow(RangeError);
  });
});

describe('label maps', () => {
  it('go to masks and back, with small masks on top', () => {
    const masks = new Map([[1, box(0, 0, 10, 10)], [2, box(2, 2, 4, 4)], [7, box(20, 20, 3, 3)]]);
    const labels = rlesToLabelMap(masks, 60, 40);
    expect([labels.data[0], labels.data[3 * 60 + 3], labels.data[21 * 60 + 21], labels.data[30 * 60]]).toEqual([1, 2, 7, 0]);
    const again = labelMapToRles(labels);
    expect([...again.keys()]).toEqual([1, 2, 7]);
    expect(again.get(2)).toEqual(masks.get(2));
    expect(labelMapToRles({ width: 2, height: 1, data: Uint8Array.of(0, 0) }).size).toBe(0);
    expect(() => rlesToLabelMap(masks, 10, 10)).toThrow('mask 1 is 60x40');
  });
});
