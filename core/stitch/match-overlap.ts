import { assignWithGate, type AssignedPair } from '../matching/linear-assignment';
import { chooseCutFrame } from './choose-cut-frame';
import { FrameHashMismatch } from './frame-hash-mismatch';
import { findLineage } from './lineage';
import { gatherAll, prepareSide, siblingOverlap, type EvidenceTable, type PreparedSide } from './pair-evidence';
import type { OverlapMatch, OverlapPair, OverlapSide, StitchOptions, Tracklet } from './types';

/** Cosine from which two tracklets look alike. */
const APPEARANCE_THRESH = 0.7;
/** Pairs that share fewer frames than this need a higher IoU. */
const BRIEF_FRAMES = 3;
const BRIEF_IOU = 0.7;
/** Score that a join must beat; two middling joins must not displace one clear one. */
const MIN_SCORE = 0.35;
/** Competitors of clearly different size that nest are part and whole, not rivals. */
const SIMILAR_AREA = 0.7;
const NESTED = 0.8;
/** Competitors that overlap this much are one region twice; either is right. */
const DUPLICATE_IOU = 0.7;
/** Frames at the start of the right chunk in which its tracks are still settling. */
const HOTSTART_FRAMES = 2;

/**
 * Decides which tracklets of two neighbouring chunks are one object, from the frames that both computed.
 *
 * 1. Evidence per pair straight on the run lengths. 2. Gate: nothing that the user's IDs contradict; IoU over the frames within both lifetimes of
 * at least stitchIouThresh, or at least stitchLowIouThresh with appearance >= 0.7 and each other's best. 3. Optimal assignment in
 * which anything may stay unmatched. 4. A join is ambiguous, and not made, when a rival of similar size is nearer (by score) than
 * stitchMargin; parts and wholes (nested, clearly different in size), near duplicates, pieces of a split and tracklets with a clearly better
 * partner of their own are no rivals. 5. Splits and merges: the best piece inherits, the others get lineage edges. Pure and independent of the
 * order of the input lists.
 *
 * Throws `FrameHashMismatch` when a frame was decoded differently, RangeError when the windows differ in frames.
 */
export function matchOverlap(left: OverlapSide, right: OverlapSide, options: StitchOptions): OverlapMatch {
  checkWindow(left, right);
  const frames = left.frames.map((f) => f.frame);
  const a = prepareSide(left);
  const b = prepareSide(right);
  const table = gatherAll(a, b, frames);
  const isNamedApart = namedApart(a.tracklets, b.tracklets);
  const gated = applyGate(table, options).map((isOpen, at) => isOpen && !isNamedApart(Math.floor(at / table.columns), at % table.columns));
  const chosen = assign(table, gated);
  const lineage = findLineage(a, b, table, chosen, options.stitchLowIouThresh);
  const cell = ({ row, col }: AssignedPair): number => row * table.columns + col;
  const inherited = new Set(lineage.inherited.map(cell));
  const joined = new Set([...chosen.map(cell), ...inherited]);
  const rivals: RivalContext = { a, b, table, chosen, pieces: new Set(lineage.pieces), margin: options.stitchMargin };
  const pairs: OverlapPair[] = [];
  table.evidence.forEach((evidence, at) => {
    if (!evidence || (evidence.jointIou < options.stitchLowIouThresh && !joined.has(at))) return;
    const row = Math.floor(at / table.columns);
    const col = at % table.columns;
    const ids = { left: a.tracklets[row]!.localId, right: b.tracklets[col]!.localId, evidence };
    const isNamed = a.tracklets[row]!.givenId !== undefined && a.tracklets[row]!.givenId === b.tracklets[col]!.givenId;
    if (!joined.has(at)) {
      const weak = isNamed ? 'too little overlap, but the user gave both one ID' : 'too little overlap';
      const reason = gated[at] ? 'another pair fits better' : isNamedApart(row, col) ? 'the user said which is which' : weak;
      pairs.push({ ...ids, decision: 'rejected', reason, cutFrame: null });
      return;
    }
    const rival = inherited.has(at) || isNamed ? undefined : findRival(rivals, row, col);
    if (rival !== undefined) {
      pairs.push({ ...ids, decision: 'ambiguous', reason: rival, cutFrame: null });
      return;
    }
    const samePixels = evidence.jointIou >= options.stitchIouThresh ? 'same pixels' : "look-alike, each other's best";
    const reason = inherited.has(at) ? 'largest piece of a split or merge' : samePixels;
    const cutFrame = chooseCutFrame(frames, evidence.frameIous, HOTSTART_FRAMES);
    pairs.push({ ...ids, decision: 'joined', reason, cutFrame });
  });
  return { leftChunk: left.chunkIndex, rightChunk: right.chunkIndex, pairs, lineage: lineage.edges };
}

function checkWindow(left: OverlapSide, right: OverlapSide): void {
  if (left.frames.length !== right.frames.length)
    throw new RangeError(`overlap windows of ${left.frames.length} and ${right.frames.length} frames do not fit`);
  left.frames.forEach((frame, i) => {
    const other = right.frames[i]!;
    if (frame.frame !== other.frame) throw new RangeError(`overlap frame ${frame.frame} faces frame ${other.frame}`);
    if (frame.hash !== undefined && other.hash !== undefined && frame.hash !== other.hash)
      throw new FrameHashMismatch(frame.frame, left.chunkIndex, right.chunkIndex);
  });
}

function applyGate(table: EvidenceTable, options: StitchOptions): boolean[] {
  const { rows, columns, evidence } = table;
  const bestOfRow = new Float64Array(rows);
  const bestOfColumn = new Float64Array(columns);
  evidence.forEach((e, at) => {
    const row = Math.floor(at / columns);
    const iou = e?.jointIou ?? 0;
    bestOfRow[row] = Math.max(bestOfRow[row]!, iou);
    bestOfColumn[at % columns] = Math.max(bestOfColumn[at % columns]!, iou);
  });
  return evidence.map((e, at) => {
    if (!e) return false;
    const brief = e.jointFrames < BRIEF_FRAMES && e.volumeIou < options.stitchIouThresh;
    if (e.jointIou >= (brief ? Math.max(BRIEF_IOU, options.stitchIouThresh) : options.stitchIouThresh)) return true;
    const mutualBest = e.jointIou === bestOfRow[Math.floor(at / columns)] && e.jointIou === bestOfColumn[at % columns];
    const alike = e.appearance !== null && e.appearance >= APPEARANCE_THRESH;
    return e.jointIou >= options.stitchLowIouThresh && alike && mutualBest;
  });
}

/** Whether the user's IDs say that a left and a right tracklet differ: each has one, or one of them has its namesake on the other side. */
function namedApart(left: readonly Tracklet[], right: readonly Tracklet[]): (row: number, col: number) => boolean {
  const [leftIds, rightIds] = [left, right].map((side) => new Set(side.flatMap(({ givenId }) => givenId ?? [])));
  return (row, col) => {
    const [a, b] = [left[row]!.givenId, right[col]!.givenId];
    if (a === b) return false;
    return a === undefined ? leftIds!.has(b!) : b === undefined ? rightIds!.has(a) : true;
  };
}

function assign(table: EvidenceTable, gated: readonly boolean[]): AssignedPair[] {
  const cost = Float64Array.from(table.evidence, (e, at) => (e && gated[at] ? 1 - e.score : Infinity));
  return assignWithGate(cost, table.rows, table.columns, 1 - MIN_SCORE);
}

interface RivalContext {
  readonly a: PreparedSide;
  readonly b: PreparedSide;
  readonly table: EvidenceTable;
  readonly chosen: readonly AssignedPair[];
  readonly pieces: ReadonlySet<string>;
  readonly margin: number;
}

/** A sentence naming the rival that makes the join of row and column ambiguous, or undefined. */
function findRival(context: RivalContext, row: number, col: number): string | undefined {
  const { a, b, table, chosen, pieces, margin } = context;
  const score = (r: number, c: number): number => table.evidence[r * table.columns + c]?.score ?? -Infinity;
  const own = score(row, col);
  // A rival that has a clearly better partner of its own is explained, whatever it shares with this pair.
  const explained = (r: number, c: number): boolean =>
    chosen.some((p) => p.row !== row && (p.row === r || p.col === c) && score(p.row, p.col) - score(r, c) >= margin);
  for (let c = 0; c < table.columns; c++) {
    if (c === col || own - score(row, c) >= margin || pieces.has(`right ${c}`) || explained(row, c)) continue;
    if (isRival(b, col, c)) return `right tracklet ${b.tracklets[c]!.localId} fits almost as well`;
  }
  for (let r = 0; r < table.rows; r++) {
    if (r === row || own - score(r, col) >= margin || pieces.has(`left ${r}`) || explained(r, col)) continue;
    if (isRival(a, row, r)) return `left tracklet ${a.tracklets[r]!.localId} fits almost as well`;
  }
  return undefined;
}

/** True when tracklets i and j of one side are different regions of similar size. */
function isRival(side: PreparedSide, i: number, j: number): boolean {
  const overlap = siblingOverlap(side, i, j);
  if (overlap.iou >= DUPLICATE_IOU) return false;
  const nested = Math.max(overlap.firstInSecond, overlap.secondInFirst) >= NESTED;
  return !(nested && overlap.areaRatio < SIMILAR_AREA);
}
