import { OUTSIDE_LOGIT } from '../../../contracts/segmenter';
import { MaskSquare } from '../../../models/sam/mask-square';

const numbered = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i + 1);

describe('masks of which only a part is computed', () => {
  it.each([
    ['rows', 1, 3],
    ['columns', 3, 2],
    ['both', 2, 1],
  ])('lie at the top left of their squares (%s)', (_, rows, columns) => {
    const square = new MaskSquare(3, 3);
    const parts = numbered(3 * rows * columns);
    square.put(0, parts.subarray(0, 2 * rows * columns), rows, columns);
    square.put(2, parts.subarray(2 * rows * columns), rows, columns);
    const expected = Array.from({ length: 27 }, (_, i) => {
      const [mask, y, x] = [Math.floor(i / 9), Math.floor((i % 9) / 3), i % 3];
      return y < rows && x < columns ? parts[(mask * rows + y) * columns + x] : OUTSIDE_LOGIT;
    });
    expect([...square.logits]).toEqual(expected);
  });

  it('are taken as they are when they are all', () => {
    const square = new MaskSquare(2, 2);
    const all = numbered(8);
    square.put(0, all, 2, 2);
    expect(square.logits).toBe(all);
  });

  it('are put together when they are all, in two parts', () => {
    const square = new MaskSquare(2, 2);
    square.put(0, numbered(4), 2, 2);
    square.put(1, numbered(4), 2, 2);
    expect([...square.logits]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });
});
