import { outputOptionsSchema } from '../../../contracts/segment-options';
import type { OverlayLook } from '../../../contracts/overlay-look';
import type { PaintedObject } from '../../../core/render/label-plane';
import { objectColour } from '../../../core/render/object-colour';
import { OverlayPainter } from '../../../core/render/overlay-painter';
import { drawn, grey, pixel, rect } from './pictures';

const look = (overlayStyle: string, more: Partial<OverlayLook> = {}): OverlayLook => ({ ...outputOptionsSchema.parse({}), overlayStyle, ...more });
const painter = (width: number, height: number, style: OverlayLook, sceneCuts: number[] = []): OverlayPainter => new OverlayPainter({ width, height, look: style, sceneCuts });

describe('OverlayPainter', () => {
  it('draws what the style names and nothing else', () => {
    const object = { id: 3, rle: rect(14, 8, 2, 1, 11, 7) };
    const colour = objectColour(3);
    const rows = (style: string, overlayOpacity: number): string[] => {
      const frame = grey(14, 8);
      painter(14, 8, look(style, { overlayOpacity })).paint(frame, 0, [object]);
      return drawn(frame, { F: colour });
    };
    expect(rows('fill', 1)).toEqual(['..............', ...Array<string>(6).fill('..FFFFFFFFF...'), '..............']);
    expect(rows('boxes', 1)).toEqual(['..............', '..FFFFFFFFF...', '..FFFFFFFFF...', ...Array<string>(2).fill('..FF.....FF...'), '..FFFFFFFFF...', '..FFFFFFFFF...', '..............']);
    // Alone, the outline is two pixels wide and nearly opaque; the fill leaves it one.
    expect(rows('contour', 1)).toEqual(['..............', '..?????????...', '..?????????...', ...Array<string>(2).fill('..??.....??...'), '..?????????...', '..?????????...', '..............']);
    expect(rows('fill,contour', 1)).toEqual(['..............', '..?????????...', ...Array<string>(4).fill('..?FFFFFFF?...'), '..?????????...', '..............']);
  });

  it('mixes in as much of the colour as the opacity says', () => {
    const frame = grey(20, 12);
    painter(20, 12, look('fill', { overlayOpacity: 0.25 })).paint(frame, 0, [{ id: 5, rle: rect(20, 12, 0, 0, 20, 12) }]);
    objectColour(5).forEach((value, i) => expect(Math.abs(pixel(frame, 9, 5)[i]! - (100 + (value - 100) * 0.25))).toBeLessThan(1.01));
  });

  it('writes every ID inside the picture, even of an object at its corner, and for none without pixels', () => {
    const frame = grey(64, 48);
    painter(64, 48, look('ids')).paint(frame, 0, [{ id: 12, rle: rect(64, 48, 60, 44, 64, 48) }, { id: 4, rle: rect(64, 48, 0, 0, 0, 0) }]);
    const rows = drawn(frame, { C: objectColour(12) });
    expect(rows.some((row) => row.includes('CCC'))).toBe(true);
    expect(rows.join('').match(/[C?]/g)!.length).toBeGreaterThan(100);
    expect(pixel(frame, 2, 2)).toEqual([100, 100, 100]);
  });

  it('puts the ID above an object that it would hide, and on the middle of one that is large', () => {
    const at = (rle: PaintedObject['rle']): number[] => {
      const frame = grey(200, 150);
      painter(200, 150, look('ids')).paint(frame, 0, [{ id: 1, rle }]);
      return drawn(frame, {}).flatMap((row, y) => (/[^.]/.test(row) ? [y] : []));
    };
    const small = at(rect(200, 150, 90, 100, 102, 112));
    expect(Math.max(...small)).toBeLessThan(100);
    const large = at(rect(200, 150, 20, 20, 180, 140));
    expect((Math.min(...large) + Math.max(...large)) / 2).toBeCloseTo(79, -0.5);
  });
});

describe('trails', () => {
  const WIDTH = 120;
  const HEIGHT = 40;
  const square = (id: number, x: number, y: number): PaintedObject => ({ id, rle: rect(WIDTH, HEIGHT, x, y, x + 5, y + 5) });
  /** Object 1 goes right, 2 comes and goes, 3 zigzags. */
  const at = (position: number): PaintedObject[] => [
    square(1, position * 2, 10),
    ...(position % 9 < 6 ? [square(2, 110 - position, 25)] : []),
    square(3, 20 + position, position % 2 === 0 ? 4 : 30),
  ];
  const style = look('trails', { overlayTrail: 8 });

  /** The pixels of frames [from, to), as text. */
  function paintAll(from: number, to: number, lead: number, sceneCuts: number[] = []): string[] {
    const one = painter(WIDTH, HEIGHT, style, sceneCuts);
    for (let position = lead; position < from; position++) one.pass(position, at(position));
    return Array.from({ length: to - from }, (_, i) => {
      const frame = grey(WIDTH, HEIGHT);
      one.paint(frame, from + i, at(from + i));
      return Buffer.from(frame.data).toString('base64');
    });
  }

  it('are the same pixels from a chunk that knows the frames before it as in one pass', () => {
    const whole = paintAll(0, 40, 0, [25]);
    for (const from of [3, 8, 13, 25, 27]) expect(paintAll(from, 40, Math.max(0, from - 7), [25])).toEqual(whole.slice(from));
    // One frame less is not enough.
    expect(paintAll(13, 40, 7, [25])[0]).not.toEqual(whole[13]);
  });

  it('fade with age, as far back as was asked', () => {
    const frame = grey(WIDTH, HEIGHT);
    const one = painter(WIDTH, HEIGHT, style);
    for (let position = 0; position < 30; position++) one.pass(position, [square(1, position * 2, 10)]);
    one.paint(frame, 30, [square(1, 60, 10)]);
    const strength = (x: number): number => pixel(frame, x, 12).reduce((sum, value, i) => sum + Math.abs(value - 100) * Math.sign(Math.abs(objectColour(1)[i]! - 100)), 0);
    const along = [62, 58, 55, 52, 50].map(strength);
    expect(along).toEqual([...along].sort((a, b) => b - a));
    expect(pixel(frame, 62, 12)).toEqual([...objectColour(1)]);
    // The eighth frame back and the edge of its line.
    expect(pixel(frame, 45, 12)).toEqual([100, 100, 100]);
  });

  it('have a gap where the object was not seen, and end at a scene cut', () => {
    const rowOf = (seen: (position: number) => boolean, cuts: number[]): string => {
      const frame = grey(WIDTH, HEIGHT);
      const one = painter(WIDTH, HEIGHT, look('trails', { overlayTrail: 30 }), cuts);
      for (let position = 0; position < 20; position++) one.pass(position, seen(position) ? [square(1, position * 4, 10)] : []);
      one.paint(frame, 20, [square(1, 80, 10)]);
      return drawn(frame, {})[12]!;
    };
    expect(rowOf(() => true, []).slice(10, 80)).not.toContain('.');
    expect(rowOf((position) => position !== 10, []).slice(41, 44)).toBe('...');
    expect(rowOf(() => true, [15]).slice(0, 58)).toBe('.'.repeat(58));
  });
});
