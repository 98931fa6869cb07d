/** `video-amg/stitch`: cut a video into chunks, match what two of them saw in their shared frames, give every object one ID (docs/stitching.md). Pure. */
export { planChunks, type ChunkPlanOptions, type ChunkSpec, type PlannedChunk } from '../core/planning/plan-chunks';
export { assignMinCost, assignWithGate, type AssignedPair } from '../core/matching/linear-assignment';
export { UnionFind } from '../core/matching/union-find';
export { matchOverlap } from '../core/stitch/match-overlap';
export { FrameHashMismatch } from '../core/stitch/frame-hash-mismatch';
export { resolveIdentities, type ChunkTracklets, type ExtraLink, type IdentityConstraints } from '../core/stitch/resolve-identities';
export { selectMasksForFrame, type FrameSource, type SelectedMask } from '../core/stitch/select-masks';
export type { Assignment, ChunkAssignments, DroppedTracklet, GlobalObject, IdentityMap, JoinReport, LineageReport } from '../core/stitch/identity-map';
export type { OverlapFrame, OverlapLineage, OverlapMatch, OverlapPair, OverlapSide, PairDecision, PairEvidence, ScoredMask, StitchOptions, Tracklet, TrackletKey } from '../core/stitch/types';
