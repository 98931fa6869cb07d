import fc from 'fast-check';
import { assignMinCost, assignWithGate, type AssignedPair } from '../../../../core/matching/linear-assignment';

// munkres is typed as an ES module but ships CommonJS too, which is what jest loads.
const { default: munkres } = jest.requireActual<{ default: (cost: number[][]) => [number, number][] }>('munkres');

const total = (cost: number[], cols: number, pairs: readonly AssignedPair[]): number =>
  pairs.reduce((sum, { row, col }) => sum + cost[row * cols + col]!, 0);

/** Best [pairs made, cost] over all partial matchings; more pairs first, unless `gate` prices being alone. */
function bruteForce(cost: number[], rows: number, cols: number, gate?: number): { pairs: number; cost: number } {
  let best = { pairs: 0, cost: gate === undefined ? Infinity : 0 };
  const visit = (row: number, used: number, pairs: number, sum: number): void => {
    if (row === rows) {
      const better = gate === undefined ? pairs > best.pairs || (pairs === best.pairs && sum < best.cost) : sum < best.cost - 1e-12;
      if (better) best = { pairs, cost: sum };
      return;
    }
    visit(row + 1, used, pairs, sum);
    for (let c = 0; c < cols; c++) {
      const value = cost[row * cols + c]!;
      if (used & (1 << c) || !(value < Infinity)) continue;
      visit(row + 1, used | (1 << c), pairs + 1, sum + value - (gate ?? 0));
    }
  };
  visit(0, 0, 0, 0);
  return best;
}

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, cols]) =>
    fc.record({
      rows: fc.constant(rows),
      cols: fc.constant(cols),
      cost: fc.array(fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.constant(Infinity)), {
        minLength: rows * cols,
        maxLength: rows * cols,
      }),
    }),
  );

function expectOneToOne(pairs: readonly AssignedPair[]): void {
  expect(new Set(pairs.map((p) => p.row)).size).toBe(pairs.length);
  expect(new Set(pairs.map((p) => p.col)).size).toBe(pairs.length);
  expect([...pairs].sort((a, b) => a.row - b.row)).toEqual(pairs);
}

describe('assignMinCost', () => {
  it.each([
    ['nothing', [], 0, 3, []],
    ['one pair', [7], 1, 1, [[0, 0]]],
    ['a forbidden pair', [Infinity], 1, 1, []],
    ['NaN as forbidden', [NaN, 1], 1, 2, [[0, 1]]],
    ['equal costs along the diagonal', [1, 1, 1, 1], 2, 2, [[0, 0], [1, 1]]],
    ['a wide matrix', [4, 1, 3], 1, 3, [[0, 1]]],
    ['a tall matrix', [4, 1, 3], 3, 1, [[1, 0]]],
    ['more pairs rather than a cheaper one', [0, 5, 5, Infinity], 2, 2, [[0, 1], [1, 0]]],
  ] as [string, number[], number, number, number[][]][])('assigns %s', (_, cost, rows, cols, expected) => {
    expect(assignMinCost(cost, rows, cols).map((p) => [p.row, p.col])).toEqual(expected);
  });

  it('finds the optimum that trying everything finds', () => {
    fc.assert(
      fc.property(matrices, ({ cost, rows, cols }) => {
        const pairs = assignMinCost(cost, rows, cols);
        expectOneToOne(pairs);
        const best = bruteForce(cost, rows, cols);
        expect(pairs.length).toBe(best.pairs);
        if (best.pairs > 0) expect(total(cost, cols, pairs)).toBeCloseTo(best.cost, 9);
      }),
      { numRuns: 500 },
    );
  });

  it('costs what munkres costs on larger matrices', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 25 }));
    const seeded = sizes.chain(([rows, cols]) =>
      fc.array(fc.array(fc.nat(1000), { minLength: cols, maxLength: cols }), { minLength: rows, maxLength: rows }),
    );
    fc.assert(
      fc.property(seeded, (matrix) => {
        const cols = matrix[0]!.length;
        const theirs = munkres(matrix).reduce((sum, [r, c]) => sum + matrix[r]![c]!, 0);
        expect(total(matrix.flat(), cols, assignMinCost(matrix.flat(), matrix.length, cols))).toBeCloseTo(theirs, 6);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same answer every time, at the largest size a video frame asks for', () => {
    const n = 300;
    const cost = Float64Array.from({ length: n * n }, (_, i) => ((i * 7919) % 17) / 17);
    expect(assignMinCost(cost, n, n)).toEqual(assignMinCost(cost, n, n));
    expect(assignMinCost(cost, n, n)).toHaveLength(n);
  });

  it('refuses costs that do not fit', () => {
    expect(() => assignMinCost([1, 2], 1, 1)).toThrow('1x1 costs expected, got 2');
    expect(() => assignMinCost([-Infinity], 1, 1)).toThrow('no meaning');
  });
});

describe('assignWithGate', () => {
  it('leaves alone what costs the gate or more', () => {
    expect(assignWithGate([0.5, 0.9, 0.9, 0.4], 2, 2, 0.5)).toEqual([{ row: 1, col: 1 }]);
    expect(assignWithGate([Infinity, NaN], 1, 2, 1)).toEqual([]);
    expect(() => assignWithGate([1], 1, 1, Infinity)).toThrow('finite');
  });

  it('prefers one cheap pair to two that are hardly worth it', () => {
    expect(assignWithGate([0, 0.45, 0.45, 0.9], 2, 2, 0.5)).toEqual([{ row: 0, col: 0 }]);
    expect(assignWithGate([0.4, 0.41, 0.41, 0.9], 2, 2, 0.5)).toHaveLength(2);
  });

  it('minimises the gain over staying alone', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: -2, max: 8 }), ({ cost, rows, cols }, gate) => {
        const pairs = assignWithGate(cost, rows, cols, gate);
        expectOneToOne(pairs);
        pairs.forEach(({ row, col }) => expect(cost[row * cols + col]).toBeLessThan(gate));
        expect(total(cost, cols, pairs) - gate * pairs.length).toBeCloseTo(bruteForce(cost, rows, cols, gate).cost, 9);
      }),
      { numRuns: 500 },
    );
  });
});
