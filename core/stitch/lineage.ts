import type { AssignedPair } from '../matching/linear-assignment';
import { siblingOverlap, type EvidenceTable, type PreparedSide } from './pair-evidence';
import type { OverlapLineage, PairEvidence } from './types';

/** Share of a piece that must lie inside the whole. */
const PIECE_INSIDE = 0.8;
/** Share of the whole that a piece must make up. */
const SMALLEST_PIECE = 0.1;
/** Pieces that overlap each other more than this are nested masks, not pieces. */
const PIECES_APART = 0.5;

export interface LineageResult {
  /** Joins made because the best piece of a split or merge inherits the ID. */
  readonly inherited: readonly AssignedPair[];
  readonly edges: readonly OverlapLineage[];
  /** 'left <row>' and 'right <column>' of the pieces that do not inherit. */
  readonly pieces: readonly string[];
}

/**
 * Splits (one left tracklet, several right ones inside it that lie apart) and merges (the mirror image). A piece is a
 * tracklet with at least 0.8 of its pixels in the whole and at least a tenth of its size, not joined to anything but the whole, and apart from the other
 * pieces: a nested part that also lies in the whole's own partner is no piece. If the whole is not joined yet, its best
 * piece by IoU (ties: lower index) inherits, given at least `lowIou`.
 */
export function findLineage(
  a: PreparedSide,
  b: PreparedSide,
  table: EvidenceTable,
  chosen: readonly AssignedPair[],
  lowIou: number,
): LineageResult {
  const { rows, columns, evidence } = table;
  const partnerOfRow = new Map(chosen.map((p) => [p.row, p.col]));
  const partnerOfColumn = new Map(chosen.map((p) => [p.col, p.row]));
  const inherited: AssignedPair[] = [];
  const edges: OverlapLineage[] = [];
  const pieceNames: string[] = [];

  for (let row = 0; row < rows; row++) {
    const pair = (c: number): PairEvidence | undefined => evidence[row * columns + c];
    const pieces = findPieces(b, {
      partner: partnerOfRow.get(row),
      isTaken: (c) => partnerOfColumn.has(c),
      iou: (c) => pair(c)?.jointIou ?? 0,
      isInside: (c) => (pair(c)?.rightInLeft ?? 0) >= PIECE_INSIDE && pair(c)!.leftInRight >= SMALLEST_PIECE,
    });
    if (pieces.length < 2) continue;
    if (!partnerOfRow.has(row)) {
      if (pair(pieces[0]!)!.jointIou < lowIou) continue;
      inherited.push({ row, col: pieces[0]! });
      partnerOfRow.set(row, pieces[0]!);
      partnerOfColumn.set(pieces[0]!, row);
    }
    for (const c of pieces.slice(1)) {
      edges.push({ kind: 'split_from', piece: b.tracklets[c]!.localId, whole: a.tracklets[row]!.localId });
      pieceNames.push(`right ${c}`);
    }
  }
  for (let col = 0; col < columns; col++) {
    const pair = (r: number): PairEvidence | undefined => evidence[r * columns + col];
    const pieces = findPieces(a, {
      partner: partnerOfColumn.get(col),
      isTaken: (r) => partnerOfRow.has(r),
      iou: (r) => pair(r)?.jointIou ?? 0,
      isInside: (r) => (pair(r)?.leftInRight ?? 0) >= PIECE_INSIDE && pair(r)!.rightInLeft >= SMALLEST_PIECE,
    });
    if (pieces.length < 2) continue;
    if (!partnerOfColumn.has(col)) {
      if (pair(pieces[0]!)!.jointIou < lowIou) continue;
      inherited.push({ row: pieces[0]!, col });
      partnerOfRow.set(pieces[0]!, col);
      partnerOfColumn.set(col, pieces[0]!);
    }
    for (const r of pieces.slice(1)) {
      edges.push({ kind: 'merged_into', piece: a.tracklets[r]!.localId, whole: b.tracklets[col]!.localId });
      pieceNames.push(`left ${r}`);
    }
  }
  return { inherited, edges, pieces: pieceNames };
}

interface PieceQuery {
  /** The tracklet already joined to the whole. */
  readonly partner: number | undefined;
  readonly isTaken: (index: number) => boolean;
  readonly isInside: (index: number) => boolean;
  readonly iou: (index: number) => number;
}

/** Pieces of one whole: its partner first (when that is a piece), then by descending IoU; empty when the partner is no piece. */
function findPieces(side: PreparedSide, { partner, isTaken, isInside, iou }: PieceQuery): number[] {
  if (partner !== undefined && !isInside(partner)) return [];
  const order = [...side.tracklets.keys()]
    .filter((i) => i !== partner && !isTaken(i) && isInside(i))
    .sort((i, j) => iou(j) - iou(i) || i - j);
  const pieces = partner === undefined ? [] : [partner];
  for (const i of order) {
    const apart = pieces.every((p) => {
      const overlap = siblingOverlap(side, i, p);
      return Math.max(overlap.firstInSecond, overlap.secondInFirst) < PIECES_APART;
    });
    if (apart) pieces.push(i);
  }
  return pieces;
}
