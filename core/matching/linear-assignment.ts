/** One matched pair. */
export interface AssignedPair {
  readonly row: number;
  readonly col: number;
}

/**
 * Minimum-cost assignment on a rectangular matrix, `cost` row-major [rows x cols]. Infinity (or NaN) forbids a pair. The
 * result first has as many pairs as possible, then the least total cost; so every row (or column, whichever is fewer) is
 * matched unless only forbidden pairs are left. Pairs come in row order.
 *
 * Method: shortest augmenting paths with potentials, O(n^2 m) (Kuhn 1955, Munkres 1957; in the form of Jonker and
 * Volgenant 1987). Ties: rows are inserted in ascending order and among equally short paths the lowest column is taken,
 * so equal input always gives equal output; which of several optima it is follows from that rule only.
 * Throws RangeError when `cost` has not rows*cols entries, or an entry is -Infinity.
 */
export function assignMinCost(cost: ArrayLike<number>, rows: number, cols: number): AssignedPair[] {
  if (cost.length !== rows * cols) throw new RangeError(`${rows}x${cols} costs expected, got ${cost.length}`);
  if (rows === 0 || cols === 0) return [];
  const wide = cols >= rows;
  const n = wide ? rows : cols;
  const m = wide ? cols : rows;
  const dense = new Float64Array(n * m);
  const forbidden = new Uint8Array(n * m);
  fillDense(cost, rows, cols, wide, dense, forbidden);
  const lineOfColumn = solveDense(dense, n, m);
  const pairs: AssignedPair[] = [];
  for (let c = 0; c < m; c++) {
    const line = lineOfColumn[c]!;
    if (line < 0 || forbidden[line * m + c]) continue;
    pairs.push(wide ? { row: line, col: c } : { row: c, col: line });
  }
  return pairs.sort((a, b) => a.row - b.row);
}

/** Copies the costs (transposed when there are fewer columns) and prices forbidden pairs above any set of allowed ones. */
function fillDense(
  cost: ArrayLike<number>,
  rows: number,
  cols: number,
  wide: boolean,
  dense: Float64Array,
  forbidden: Uint8Array,
): void {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < cost.length; i++) {
    const value = cost[i]!;
    if (value === -Infinity) throw new RangeError('a cost of -Infinity has no meaning');
    if (value < Infinity) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const span = high >= low ? high - low : 0;
  const penalty = (span + 1) * (Math.min(rows, cols) + 1);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const value = cost[r * cols + c]!;
      const at = wide ? r * cols + c : c * rows + r;
      const allowed = value < Infinity;
      dense[at] = allowed ? value - low : penalty;
      if (!allowed) forbidden[at] = 1;
    }
  }
}

/** For n <= m: the line assigned to each column, or -1. Every line gets a column. */
function solveDense(cost: Float64Array, n: number, m: number): Int32Array {
  const lineOf = new Int32Array(m + 1).fill(-1); // column m is the virtual root of the search
  const linePotential = new Float64Array(n);
  const columnPotential = new Float64Array(m + 1);
  const distance = new Float64Array(m);
  const previous = new Int32Array(m);
  const settled = new Uint8Array(m + 1);
  for (let line = 0; line < n; line++) {
    distance.fill(Infinity);
    settled.fill(0);
    lineOf[m] = line;
    let column = m;
    do {
      settled[column] = 1;
      const at = lineOf[column]!;
      const offset = at * m;
      const base = linePotential[at]!;
      let step = Infinity;
      let next = -1;
      for (let c = 0; c < m; c++) {
        if (settled[c]) continue;
        const reduced = cost[offset + c]! - base - columnPotential[c]!;
        if (reduced < distance[c]!) {
          distance[c] = reduced;
          previous[c] = column;
        }
        if (distance[c]! < step) {
          step = distance[c]!;
          next = c;
        }
      }
      for (let c = 0; c <= m; c++) {
        if (settled[c]) {
          linePotential[lineOf[c]!]! += step;
          columnPotential[c]! -= step;
        } else distance[c]! -= step;
      }
      column = next;
    } while (lineOf[column] !== -1);
    while (column !== m) {
      const from = previous[column]!;
      lineOf[column] = lineOf[from]!;
      column = from;
    }
  }
  return lineOf.subarray(0, m);
}

/**
 * Minimum-cost assignment where anything may stay unmatched: a pair is worth making only when its cost is below `gate`
 * (leaving both sides alone costs `gate`). Minimises the sum over pairs of (cost - gate), so a cheap pair can win over two
 * middling ones, unlike thresholding a full assignment afterwards. Costs >= gate, Infinity and NaN never match. Pairs
 * in row order; ties as in `assignMinCost`. `gate` must be finite.
 */
export function assignWithGate(cost: ArrayLike<number>, rows: number, cols: number, gate: number): AssignedPair[] {
  if (cost.length !== rows * cols) throw new RangeError(`${rows}x${cols} costs expected, got ${cost.length}`);
  if (!Number.isFinite(gate)) throw new RangeError(`the gate must be a finite number, got ${gate}`);
  // Clipping at the gate makes "unmatched" and "matched at the gate" equal in cost: no dummy rows or columns needed.
  const clipped = Float64Array.from({ length: rows * cols }, (_, i) => (cost[i]! < gate ? cost[i]! : gate));
  return assignMinCost(clipped, rows, cols).filter(({ row, col }) => cost[row * cols + col]! < gate);
}
