import type { DetectionCandidate } from './detection-candidates';
import type { PendingFrame, ScoredMask, Tube } from './pending-frame';
import type { TrackerSession } from './types';

/** Where one detection of the last pending frame came from: its mask per pending frame, as far back as it is reliably there. */
export interface BackwardTube {
  readonly masks: readonly (ScoredMask | undefined)[];
}

/** Below this a backward mask is not reliable, and the object's life begins after it. */
const RELIABLE_SCORE = 0.5;

/**
 * Follows detections of the last pending frame backward to the first one, in a session of its own, which is disposed of. The
 * frames' embeddings exist already, so only prompts are paid for.
 */
export async function propagateBackward(
  createSession: () => TrackerSession,
  pending: readonly PendingFrame[],
  detections: readonly DetectionCandidate[],
): Promise<BackwardTube[]> {
  const last = pending.length - 1;
  const tubes = detections.map(({ rle, quality }) => {
    const masks = new Array<ScoredMask | undefined>(pending.length).fill(undefined);
    masks[last] = { rle, score: quality };
    return masks;
  });
  if (last > 0 && detections.length > 0) {
    const session = createSession();
    try {
      await session.start(pending[last]!.frame);
      await session.addObjects(detections.map(({ rle, quality }, i) => ({ objectId: i + 1, rle, score: quality })));
      const live = new Set(detections.map((_, i) => i + 1));
      for (let p = last - 1; p >= 0 && live.size > 0; p--) {
        for (const { objectId, rle, score, present } of await session.step(pending[p]!.frame)) {
          if (present && score >= RELIABLE_SCORE) tubes[objectId - 1]![p] = { rle, score };
          else {
            session.removeObjects([objectId]);
            live.delete(objectId);
          }
        }
      }
    } finally {
      await session.dispose();
    }
  }
  return tubes.map((masks) => ({ masks }));
}

export function tubeMasks(tube: BackwardTube): Tube {
  return tube.masks.map((mask) => mask?.rle);
}
