import { marginAt } from '../../../bench/study/decision-margin';

const size = { width: 4, height: 4 };
/** 2 x 2 cells of 2 x 2 pixels: pixel centres lie a quarter of the way between cells. */
const square = (...cells: number[]): Float32Array => Float32Array.from(cells);

describe('marginAt', () => {
  it('is the distance from 0 for one object, on either side', () => {
    expect(marginAt(0, size, [square(3, 3, 3, 3)])).toBe(3);
    expect(marginAt(5, size, [square(-2, -2, -2, -2)])).toBe(2);
  });

  it('is the distance between the two largest, of which one may be nobody', () => {
    expect(marginAt(0, size, [square(3, 3, 3, 3), square(1, 1, 1, 1), square(2.5, 2.5, 2.5, 2.5)])).toBe(0.5);
    expect(marginAt(0, size, [square(3, 3, 3, 3), square(-1, -1, -1, -1)])).toBe(3);
  });

  it('looks at values between cells as upsampling does: rows then columns, clamped at the border', () => {
    const logits = [square(1, 5, 9, 13)];
    expect(marginAt(0, size, logits)).toBe(1);
    expect(marginAt(1, size, logits)).toBe(2);
    expect(marginAt(2, size, logits)).toBe(4);
    expect(marginAt(4, size, logits)).toBe(3);
    expect(marginAt(15, size, logits)).toBe(13);
  });
});
