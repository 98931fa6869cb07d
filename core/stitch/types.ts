import type { Rle } from '../mask/types';

/** One object within one chunk. Frames are positions in the list of processed frames. */
export interface Tracklet {
  readonly chunkIndex: number;
  readonly localId: number;
  /** First and last frame with a visible mask, both inclusive, the lead-in included. */
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Mean area over visible frames, and area on firstFrame, in pixels. */
  readonly area: number;
  readonly firstArea: number;
  /** First visible frame at or after the chunk's ownedStart, when known; only used to order IDs. */
  readonly firstOwnedFrame?: number;
  /** False for a hot-start track that never was confirmed: alone it gets no ID, but a neighbour may confirm it. */
  readonly confirmed?: boolean;
  /** The ID that the user gave this object. Tracklets with one ID are one object by the user's word; a chunk has at most one of them. */
  readonly givenId?: number;
}

/** Names a tracklet within the whole video. */
export interface TrackletKey {
  readonly chunkIndex: number;
  readonly localId: number;
}

export interface ScoredMask {
  readonly rle: Rle;
  readonly score: number;
}

/** The masks of one chunk on one frame; invisible objects are absent. */
export interface OverlapFrame {
  readonly frame: number;
  readonly masks: ReadonlyMap<number, ScoredMask>;
  /** Hash of the decoded pixels; compared when both sides have one. */
  readonly hash?: string;
}

/** What one chunk knows about the overlap window it shares with a neighbour. */
export interface OverlapSide {
  readonly chunkIndex: number;
  /** Tracklets of the chunk; those invisible in the window may be left out. */
  readonly tracklets: readonly Tracklet[];
  /** The frames of the overlap window, ascending. */
  readonly frames: readonly OverlapFrame[];
  /** Unit-length appearance vectors by localId. */
  readonly appearance?: ReadonlyMap<number, Float32Array>;
}

/** Thresholds of stitching; the planning options of a job satisfy this. */
export interface StitchOptions {
  /** IoU in the shared frames from which two tracklets are the same object, 0..1. */
  readonly stitchIouThresh: number;
  /** IoU from which look-alikes may be the same object, 0..1. */
  readonly stitchLowIouThresh: number;
  /** A join whose runner-up is nearer than this is ambiguous, 0..1. */
  readonly stitchMargin: number;
}

/** What speaks for and against one pair of tracklets being one object. All ratios 0..1. */
export interface PairEvidence {
  /** Sum of intersections over sum of unions, all frames of the window (YouTube-VIS). */
  readonly volumeIou: number;
  /** The same over the frames within both lifetimes, so that a late start of one side does not count against the pair. */
  readonly jointIou: number;
  /** Frames within both lifetimes, frames with both masks visible, and those of IoU >= 0.5. */
  readonly jointFrames: number;
  readonly commonFrames: number;
  readonly agreeingFrames: number;
  /** IoU per frame of the window; null where not both are visible. */
  readonly frameIous: readonly (number | null)[];
  /** Share of the left pixels inside the right mask over the joint frames, and the reverse. */
  readonly leftInRight: number;
  readonly rightInLeft: number;
  /** Mean distance of the centroids on common frames, in pixels. */
  readonly centroidDistance: number;
  /** Smaller over larger total area on the joint frames. */
  readonly areaRatio: number;
  /** Cosine of the appearance vectors, -1..1; null when one is missing. */
  readonly appearance: number | null;
  /** Weighted sum used for the assignment. */
  readonly score: number;
}

export type PairDecision = 'joined' | 'ambiguous' | 'rejected';

/** One pair of the stitch report. */
export interface OverlapPair {
  readonly left: number;
  readonly right: number;
  readonly evidence: PairEvidence;
  readonly decision: PairDecision;
  /** One plain sentence for the report. */
  readonly reason: string;
  /** For a joined pair: first frame on which the right chunk's mask is used. Null otherwise. */
  readonly cutFrame: number | null;
}

/** One object became several, or several became one. */
export interface OverlapLineage {
  readonly kind: 'split_from' | 'merged_into';
  /** The piece: a right tracklet for a split, a left one for a merge. */
  readonly piece: number;
  /** The whole on the other side. */
  readonly whole: number;
}

/** Result for one border between neighbouring chunks; plain JSON. */
export interface OverlapMatch {
  readonly leftChunk: number;
  readonly rightChunk: number;
  readonly pairs: readonly OverlapPair[];
  readonly lineage: readonly OverlapLineage[];
}
