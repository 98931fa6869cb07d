import { encodeRle } from '../../../core/mask/rle';
import { labelAnchor } from '../../../core/render/label-anchor';
import { MaskPainter } from '../../../core/render/mask-painter';
import { objectColour, objectColourHex } from '../../../core/render/object-colour';
import type { RgbImage } from '../../../contracts/segmenter';

function grey(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(100) };
}

function rectRle(width: number, height: number, x0: number, y0: number, x1: number, y1: number) {
  const data = new Uint8Array(width * height);
  for (let y = y0; y < y1; y++) data.fill(1, y * width + x0, y * width + x1);
  return encodeRle({ width, height, data });
}

const pixel = (image: RgbImage, x: number, y: number) => [...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3)];
const plain = { fillOpacity: 1, contourOpacity: 0, contourWidth: 1 };

describe('object colours', () => {
  it('stay the same for an ID and differ clearly between the first twelve IDs', () => {
    expect(objectColour(7)).toEqual(objectColour(7));
    expect(objectColourHex(1)).toMatch(/^#[0-9a-f]{6}$/);
    const colours = Array.from({ length: 12 }, (_, i) => objectColour(i + 1));
    for (let i = 0; i < colours.length; i++) {
      for (let j = 0; j < i; j++) {
        const distance = Math.hypot(...colours[i]!.map((value, k) => value - colours[j]![k]!));
        expect(distance).toBeGreaterThan(25);
      }
    }
  });
});

describe('MaskPainter', () => {
  it('fills the mask, draws its contour inside it and leaves everything else alone', () => {
    const frame = grey(20, 12);
    new MaskPainter(20, 12, plain).paint(frame, [{ id: 3, rle: rectRle(20, 12, 5, 3, 15, 9) }]);
    expect(pixel(frame, 4, 5)).toEqual([100, 100, 100]);
    expect(pixel(frame, 5, 5)).toEqual([100, 100, 100]); // contour, opacity 0
    expect(pixel(frame, 8, 5)).toEqual([...objectColour(3)]);
    expect(pixel(frame, 15, 5)).toEqual([100, 100, 100]);
  });

  it('puts the smaller of two overlapping masks on top whatever the order they come in', () => {
    const big = { id: 1, rle: rectRle(20, 12, 0, 0, 20, 12) };
    const small = { id: 2, rle: rectRle(20, 12, 6, 3, 14, 9) };
    for (const objects of [[big, small], [small, big]]) {
      const frame = grey(20, 12);
      new MaskPainter(20, 12, plain).paint(frame, objects);
      expect(pixel(frame, 10, 6)).toEqual([...objectColour(2)]);
      expect(pixel(frame, 2, 2)).toEqual([...objectColour(1)]);
    }
  });

  it('refuses a mask of another size with a sentence that names the object', () => {
    expect(() => new MaskPainter(20, 12, plain).paint(grey(20, 12), [{ id: 9, rle: rectRle(10, 12, 0, 0, 5, 5) }])).toThrow(/object 9 is 10x12/);
  });
});

describe('labelAnchor', () => {
  it('lies inside a mask whose centre of mass does not', () => {
    const width = 30;
    const data = new Uint8Array(width * 30);
    for (let y = 0; y < 30; y++) for (let x = 0; x < width; x++) data[y * width + x] = Math.hypot(x - 15, y - 15) < 14 && Math.hypot(x - 15, y - 15) > 9 ? 1 : 0;
    const at = labelAnchor(encodeRle({ width, height: 30, data }))!;
    expect(data[at.y * width + at.x]).toBe(1);
  });
});
