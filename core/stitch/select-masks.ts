import type { ChunkAssignments } from './identity-map';
import type { ScoredMask } from './types';

/** One chunk's masks on a frame, with the assignments of that chunk. */
export interface FrameSource {
  readonly assignments: ChunkAssignments;
  readonly masks: ReadonlyMap<number, ScoredMask>;
}

export interface SelectedMask extends ScoredMask {
  readonly globalId: number;
  readonly chunkIndex: number;
  readonly localId: number;
}

/**
 * The final masks of one frame, at most one per object, by ascending global ID.
 *
 * `sources` are all chunks that computed the frame (one, or two in an overlap window). A tracklet's mask is used exactly
 * when the frame lies in its emit range. `resolveIdentities` builds these ranges so that they never overlap for one object:
 * a chunk emits in its owned range; a joined object changes from the left chunk's mask to the right chunk's at the cut
 * frame, for good, even where only the other chunk sees it later in the window (that keeps the seam to one frame);
 * an object without a partner on the right ends with the left chunk's owned range, and one without a partner on the left
 * starts with the right chunk's (with its lead-in when the user gave it, whose word it is that it is there). Throws RangeError
 * when two masks claim one ID, which means the inputs do not belong together.
 */
export function selectMasksForFrame(frame: number, sources: readonly FrameSource[]): SelectedMask[] {
  const selected: SelectedMask[] = [];
  for (const { assignments, masks } of sources) {
    for (const { localId, globalId, emitStart, emitEnd } of assignments.assignments) {
      if (frame < emitStart || frame >= emitEnd) continue;
      const mask = masks.get(localId);
      if (mask) selected.push({ globalId, chunkIndex: assignments.chunkIndex, localId, rle: mask.rle, score: mask.score });
    }
  }
  selected.sort((a, b) => a.globalId - b.globalId);
  for (let i = 1; i < selected.length; i++) {
    const { globalId } = selected[i]!;
    if (globalId === selected[i - 1]!.globalId) throw new RangeError(`two masks of object ${globalId} on frame ${frame}`);
  }
  return selected;
}
