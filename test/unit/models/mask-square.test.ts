import { OUTSIDE_LOGIT } from '../../../contracts/segmenter';
import { MaskSquare, SpareSquares } from '../../../models/sam/mask-square';

const numbered = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i + 1);

describe('masks of which only a part is computed', () => {
  it.each([
    ['rows', 1, 3],
    ['columns', 3, 2],
    ['both', 2, 1],
  ])('lie at the top left of their squares (%s)', (_, rows, columns) => {
    const square = new MaskSquare(3, { side: 3, rows, columns });
    const parts = numbered(3 * rows * columns);
    square.put(0, parts.subarray(0, 2 * rows * columns));
    square.put(2, parts.subarray(2 * rows * columns));
    const expected = Array.from({ length: 27 }, (_, i) => {
      const [mask, y, x] = [Math.floor(i / 9), Math.floor((i % 9) / 3), i % 3];
      return y < rows && x < columns ? parts[(mask * rows + y) * columns + x] : OUTSIDE_LOGIT;
    });
    expect([...square.logits]).toEqual(expected);
  });

  it('are taken as they are when they are all', () => {
    const square = new MaskSquare(2, { side: 2, rows: 2, columns: 2 });
    const all = numbered(8);
    square.put(0, all);
    expect(square.logits).toBe(all);
  });

  it('are put together when they are all, in two parts', () => {
    const square = new MaskSquare(2, { side: 2, rows: 2, columns: 2 });
    square.put(0, numbered(4));
    square.put(1, numbered(4));
    expect([...square.logits]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  it('take the place of those that nobody looks at any more, where they have the same shape', () => {
    const spares = new SpareSquares();
    const shape = { side: 3, rows: 2, columns: 2 };
    const first = new MaskSquare(2, shape, spares);
    first.put(0, numbered(8));
    const { logits } = first;
    const still = new MaskSquare(2, shape, spares);
    expect(still.logits.buffer).not.toBe(logits.buffer);
    first.release();
    first.release();
    const wide = new MaskSquare(1, { ...shape, columns: 3 }, spares);
    expect(wide.logits.buffer).not.toBe(logits.buffer);
    const second = new MaskSquare(1, shape, spares);
    second.put(0, numbered(4).map((value) => -value));
    expect(second.logits.buffer).toBe(logits.buffer);
    expect([...second.logits]).toEqual([-1, -2, OUTSIDE_LOGIT, -3, -4, OUTSIDE_LOGIT, OUTSIDE_LOGIT, OUTSIDE_LOGIT, OUTSIDE_LOGIT]);
    second.release();
    expect(new MaskSquare(2, shape, spares).logits).toHaveLength(18);
    // The network's own answer is not kept.
    const all = new MaskSquare(1, { side: 2, rows: 2, columns: 2 }, spares);
    const answer = numbered(4);
    all.put(0, answer);
    all.release();
    expect(new MaskSquare(1, { side: 2, rows: 2, columns: 2 }, spares).logits).not.toBe(answer);
  });
});
