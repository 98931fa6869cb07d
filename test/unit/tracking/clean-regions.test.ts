import { cleanRegions } from '../../../core/tracking/clean-regions';

const SIZE = { width: 40, height: 30 };

/** -4 outside, 4 inside of rectangles [x, y, width, height]; those of `holes` are outside again, with -2. */
function draw(parts: readonly (readonly number[])[], holes: readonly (readonly number[])[] = []): Float32Array {
  const logits = new Float32Array(SIZE.width * SIZE.height).fill(-4);
  const fill = ([x, y, width, height]: readonly number[], value: number): void => {
    for (let row = y!; row < y! + height!; row++) logits.fill(value, row * SIZE.width + x!, row * SIZE.width + x! + width!);
  };
  parts.forEach((part) => fill(part, 4));
  holes.forEach((hole) => fill(hole, -2));
  return logits;
}

const body = [2, 2, 20, 20]; // 400 cells: 4 are one per cent

describe('cleanRegions', () => {
  it('takes specks off and fills pinholes', () => {
    const cleaned = cleanRegions(draw([body, [30, 5, 1, 3]], [[10, 10, 2, 1]]), SIZE);
    expect(Array.from(cleaned, Math.sign)).toEqual(Array.from(draw([body]), Math.sign));
    expect(cleaned[10 * SIZE.width + 10]).toBe(2);
  });

  it.each([
    ['pieces from one per cent on', draw([body, [30, 5, 5, 1]])],
    ['holes from one per cent on', draw([body], [[10, 10, 2, 2]])],
    ['a notch in the border, which is no hole', draw([body], [[2, 10, 2, 1]])],
    ['what touches the mask at a corner', draw([body, [22, 22, 1, 1]])],
    ['small masks, of which one per cent is less than a cell', draw([[2, 2, 9, 9], [30, 5, 1, 1]])],
    ['an empty mask', draw([])],
    ['a mask that is everything', draw([[0, 0, 40, 30]])],
  ])('leaves %s', (_, logits) => {
    expect(cleanRegions(logits, SIZE)).toBe(logits);
  });

  it('fills what is as sure as not', () => {
    const logits = draw([body]);
    logits[10 * SIZE.width + 10] = 0;
    expect(cleanRegions(logits, SIZE)[10 * SIZE.width + 10]).toBe(1);
  });
});
