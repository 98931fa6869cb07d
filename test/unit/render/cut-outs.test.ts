import { ColourBleed } from '../../../core/render/colour-bleed';
import { cutOut, viewQuality } from '../../../core/render/cut-out';
import { MattePainter } from '../../../core/render/matte';
import { objectColour } from '../../../core/render/object-colour';
import { rect } from './pictures';

const at = (rgba: Uint8Array, width: number, x: number, y: number): number[] => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
/** Every pixel of another colour. */
const picture = { width: 9, height: 6, data: Uint8Array.from({ length: 9 * 6 * 3 }, (_, i) => (i * 7 + 1) % 256) };
const colourAt = (x: number, y: number): number[] => [...picture.data.subarray((y * 9 + x) * 3, (y * 9 + x) * 3 + 3)];

describe('a picture of all masks', () => {
  it('has the colour of the smaller one where two overlap, opaque, and nothing elsewhere', () => {
    const painter = new MattePainter(12, 8);
    const objects = [{ id: 2, rle: rect(12, 8, 4, 2, 6, 4) }, { id: 1, rle: rect(12, 8, 2, 1, 9, 6) }];
    for (const order of [objects, [...objects].reverse()]) {
      const rgba = painter.paint(order);
      for (let y = 0; y < 8; y++)
        for (let x = 0; x < 12; x++) {
          const id = x >= 4 && x < 6 && y >= 2 && y < 4 ? 2 : x >= 2 && x < 9 && y >= 1 && y < 6 ? 1 : 0;
          expect(at(rgba, 12, x, y)).toEqual(id === 0 ? [0, 0, 0, 0] : [...objectColour(id), 255]);
        }
    }
    expect(painter.paint([]).every((value) => value === 0)).toBe(true);
  });
});

describe('a cut-out', () => {
  const rle = rect(9, 6, 3, 1, 7, 4);

  it("is the object's pixels as they are, and nothing else of the frame", () => {
    const rgba = cutOut(picture, rle);
    for (let y = 0; y < 6; y++) for (let x = 0; x < 9; x++) expect(at(rgba, 9, x, y)).toEqual(x >= 3 && x < 7 && y >= 1 && y < 4 ? [...colourAt(x, y), 255] : [0, 0, 0, 0]);
  });

  it('can be cut to a box', () => {
    const rgba = cutOut(picture, rle, [5, 2, 3, 3]);
    expect(rgba).toHaveLength(36);
    for (let y = 0; y < 3; y++) for (let x = 0; x < 3; x++) expect(at(rgba, 3, x, y)).toEqual(x < 2 && y < 2 ? [...colourAt(5 + x, 2 + y), 255] : [0, 0, 0, 0]);
  });

  it('is refused for a mask of another size', () => {
    expect(() => cutOut(picture, rect(8, 6, 0, 0, 2, 2))).toThrow('the mask is 8x6, the frame 9x6');
  });
});

describe('colours around a cut-out', () => {
  it('reach as far as asked, stay transparent, and leave the object and all else alone', () => {
    const bleed = new ColourBleed(11, 9, 2);
    const rgba = new Uint8Array(11 * 9 * 4);
    rgba.set([10, 20, 30, 255], (4 * 11 + 5) * 4);
    // Twice: nothing is left of the first time.
    for (let time = 0; time < 2; time++) {
      bleed.apply(rgba, [5, 4, 1, 1]);
      for (let y = 0; y < 9; y++)
        for (let x = 0; x < 11; x++) {
          const steps = Math.abs(x - 5) + Math.abs(y - 4);
          expect(at(rgba, 11, x, y)).toEqual(steps === 0 ? [10, 20, 30, 255] : steps <= 2 ? [10, 20, 30, 0] : [0, 0, 0, 0]);
        }
    }
  });

  it('do not go around the edge of the picture', () => {
    const rgba = new Uint8Array(4 * 3 * 4);
    rgba.set([9, 9, 9, 255], 3 * 4);
    new ColourBleed(4, 3, 1).apply(rgba, [3, 0, 1, 1]);
    expect(at(rgba, 4, 0, 1)).toEqual([0, 0, 0, 0]);
    expect(at(rgba, 4, 2, 0)).toEqual([9, 9, 9, 0]);
    expect(at(rgba, 4, 3, 1)).toEqual([9, 9, 9, 0]);
  });
});

test('a view is better with more pixels and a higher score, and half as good at the edge of the picture', () => {
  const size = { width: 100, height: 80 };
  const view = (area: number, score: number, bbox: [number, number, number, number] = [10, 10, 20, 20]): number => viewQuality({ area, score, bbox }, size);
  expect(view(200, 0.9)).toBeGreaterThan(view(150, 0.9));
  expect(view(200, 0.9)).toBeGreaterThan(view(200, 0.5));
  const edges: [number, number, number, number][] = [[0, 10, 5, 5], [10, 0, 5, 5], [95, 10, 5, 5], [10, 75, 5, 5]];
  for (const bbox of edges) expect(view(200, 0.9, bbox)).toBe(view(200, 0.9) / 2);
});
