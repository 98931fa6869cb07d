import fc from 'fast-check';
import { DigitFont } from '../../../core/render/digit-font';
import { placeLabels, type Place } from '../../../core/render/place-labels';

const picture = { width: 300, height: 200 };
const overlap = (a: Place, b: Place): boolean => a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

describe('places of labels', () => {
  it('never cover each other while there is room, stay in the picture, and leave the first where it is wanted', () => {
    const label = fc.record({ left: fc.integer({ min: -50, max: 320 }), top: fc.integer({ min: -30, max: 220 }), width: fc.integer({ min: 8, max: 30 }), height: fc.constant(12) });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 12 }), (wanted) => {
        const placed = placeLabels(wanted, picture);
        placed.forEach((place, i) => {
          expect(place).toMatchObject({ width: wanted[i]!.width, height: 12 });
          expect(place.left >= 0 && place.top >= 0 && place.left + place.width <= 300 && place.top + place.height <= 200).toBe(true);
          for (let j = 0; j < i; j++) expect(overlap(place, placed[j]!)).toBe(false);
        });
        expect(placed[0]!.left).toBe(Math.max(0, Math.min(300 - wanted[0]!.width, wanted[0]!.left)));
      }),
    );
  });

  it('move a label no further than beside the one in its way', () => {
    const wanted = { left: 100, top: 100, width: 20, height: 12 };
    expect(placeLabels([wanted, { ...wanted, top: 102 }, { ...wanted, left: 103 }], picture)).toEqual([wanted, { ...wanted, top: 113 }, { ...wanted, left: 103, top: 87 }]);
  });

  it('give up in a crowd without room rather than leave the picture', () => {
    const small = { width: 30, height: 20 };
    const placed = placeLabels(Array.from({ length: 6 }, () => ({ left: 3, top: 3, width: 20, height: 12 })), small);
    for (const { left, top } of placed) expect(left >= 0 && left <= 10 && top >= 0 && top <= 8).toBe(true);
  });
});

describe('digits', () => {
  it.each([9, 11, 15, 22, 45])('are ten different shapes within their box, %i pixels high', (height) => {
    const font = new DigitFont(height);
    const glyphs = Array.from({ length: 10 }, (_, digit) => [...font.glyph(digit)]);
    for (const glyph of glyphs) {
      expect(glyph).toHaveLength(font.width * height);
      // Ink in the first row and the last, and paper.
      expect(Math.max(...glyph.slice(0, font.width))).toBeGreaterThan(100);
      expect(Math.max(...glyph.slice(-font.width))).toBeGreaterThan(100);
      expect(glyph.filter((value) => value < 64).length).toBeGreaterThan(glyph.length / 5);
    }
    for (let a = 0; a < 10; a++)
      for (let b = 0; b < a; b++) {
        const differing = glyphs[a]!.filter((value, i) => Math.abs(value - glyphs[b]![i]!) > 128).length;
        expect(differing).toBeGreaterThan(height * font.width * 0.04);
      }
    expect(font.widthOf('123')).toBe(3 * font.width + 2 * font.gap);
  });

  it('look like digits', () => {
    const font = new DigitFont(9);
    const rows = (digit: number): string[] => Array.from({ length: 9 }, (_, y) => [...font.glyph(digit).subarray(y * font.width, (y + 1) * font.width)].map((value) => (value > 128 ? '#' : '.')).join(''));
    expect(rows(7)).toEqual(['######', '....##', '....#.', '...##.', '...#..', '...#..', '..##..', '..#...', '..#...']);
    expect(rows(0)).toEqual(['..##..', '.####.', '##..##', '#....#', '#....#', '#....#', '##..##', '.####.', '..##..']);
  });
});
