import type { OverlapLineage, PairDecision, PairEvidence, TrackletKey } from './types';

/** What one tracklet contributes to the result: its masks on frames [emitStart, emitEnd), under one ID. */
export interface Assignment {
  readonly localId: number;
  readonly globalId: number;
  readonly emitStart: number;
  readonly emitEnd: number;
}

export interface ChunkAssignments {
  readonly chunkIndex: number;
  /** By ascending localId; tracklets without an ID are absent. */
  readonly assignments: readonly Assignment[];
}

export interface GlobalObject {
  /** Positive, dense, ordered by first appearance; but objects that the user gave keep their numbers, and the others follow the highest. */
  readonly globalId: number;
  /** First and last frame on which a mask may be emitted, inclusive. */
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** By chunk. */
  readonly tracklets: readonly TrackletKey[];
}

/** One line of the stitch report. */
export interface JoinReport {
  /** Index of the chunk on the left of the border. */
  readonly boundary: number;
  readonly left: number;
  readonly right: number;
  /** IDs the two ended up with; null for tracklets without an ID. */
  readonly leftGlobalId: number | null;
  readonly rightGlobalId: number | null;
  readonly evidence: PairEvidence;
  readonly decision: PairDecision | 'refused-cannot-link';
  readonly reason: string;
  readonly cutFrame: number | null;
}

export interface LineageReport {
  readonly kind: OverlapLineage['kind'];
  readonly boundary: number;
  /** ID of the piece and of the whole; null for tracklets without an ID. */
  readonly pieceGlobalId: number | null;
  readonly wholeGlobalId: number | null;
}

export interface DroppedTracklet extends TrackletKey {
  /** lead-in-only: seen only on frames another chunk owns, and joined to nothing. unconfirmed: no chunk confirmed it. */
  readonly reason: 'lead-in-only' | 'unconfirmed';
}

/** The answer of stitching; plain JSON, the same for any order of inputs. */
export interface IdentityMap {
  readonly objects: readonly GlobalObject[];
  readonly chunks: readonly ChunkAssignments[];
  readonly joins: readonly JoinReport[];
  readonly lineage: readonly LineageReport[];
  readonly dropped: readonly DroppedTracklet[];
}
