import { rleArea } from '../mask/rle';
import { rleIou } from '../mask/rle-ops';
import { DUPLICATE_IOU } from './detection-candidates';
import { usualArea } from './importance';
import { tubeOf, type PendingFrame, type Tube } from './pending-frame';
import { isPinned, type Track } from './track';
import { tubeIou } from './tube-iou';

/** Two masks of the last frame that overlap less are two objects, whatever they were before. */
const ALIKE_IOU = 0.75;

/**
 * Ids of tracks that cover the same pixels as another one over the pending frames: of such a pair the unpinned, unconfirmed,
 * less faithful, later born, higher numbered one (in this order of importance) is a duplicate.
 */
export function findDuplicates(tracks: readonly Track[], pending: readonly PendingFrame[]): number[] {
  const tubes = new Map(tracks.map(({ id }) => [id, tubeOf(pending, id)]));
  const faithful = new Map(tracks.map((track) => [track.id, faithfulFrames(track, tubes.get(track.id)!)]));
  const order = tracks
    .slice()
    .sort((a, b) => Number(isPinned(b)) - Number(isPinned(a)) || Number(b.confirmed) - Number(a.confirmed) || faithful.get(b.id)! - faithful.get(a.id)! || a.bornAt - b.bornAt || a.id - b.id);
  const gone = new Set<number>();
  for (const [i, elder] of order.entries()) {
    if (gone.has(elder.id)) continue;
    const kept = tubes.get(elder.id)!;
    for (const younger of order.slice(i + 1)) {
      if (gone.has(younger.id) || isPinned(younger)) continue;
      if (areOne(kept, tubes.get(younger.id)!)) gone.add(younger.id);
    }
  }
  return [...gone].sort((a, b) => a - b);
}

/**
 * Over all frames together, so that a frame on which a border flickers does not keep two of them alive, nor that both are hidden on some. They must not have
 * gone apart by the last frame.
 */
function areOne(a: Tube, b: Tube): boolean {
  const [one, other] = [a.at(-1), b.at(-1)];
  const endAlike = one && other ? rleIou(one, other) >= ALIKE_IOU : !one && !other;
  return endAlike && tubeIou(a, b) > DUPLICATE_IOU;
}

/**
 * For how many frames a track has been what it is now: its frames, times how like its usual area is to the present one. Of two tracks that have come to be
 * one, the one that changed its extent to be so (it held a rock besides, and dropped it) says less of who the object was.
 */
function faithfulFrames(track: Track, tube: Tube): number {
  const now = tube.findLast((mask) => mask !== undefined);
  if (!now) return 0;
  const [usual, area] = [usualArea(track), rleArea(now)];
  return (track.written.frames * Math.min(usual, area)) / Math.max(1, usual, area);
}
