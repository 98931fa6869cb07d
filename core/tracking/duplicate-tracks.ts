import { rleIou } from '../mask/rle-ops';
import { DUPLICATE_IOU } from './detection-candidates';
import { tubeOf, type PendingFrame } from './pending-frame';
import { isPinned, type Track } from './track';

/**
 * Ids of tracks that cover the same pixels as another one on every pending frame: of such a pair the unpinned, unconfirmed,
 * later born, higher numbered one (in this order of importance) is a duplicate.
 */
export function findDuplicates(tracks: readonly Track[], pending: readonly PendingFrame[]): number[] {
  const order = tracks.slice().sort((a, b) => Number(isPinned(b)) - Number(isPinned(a)) || Number(b.confirmed) - Number(a.confirmed) || a.bornAt - b.bornAt || a.id - b.id);
  const gone = new Set<number>();
  const tubes = new Map(order.map(({ id }) => [id, tubeOf(pending, id)]));
  for (const [i, elder] of order.entries()) {
    if (gone.has(elder.id)) continue;
    const kept = tubes.get(elder.id)!;
    for (const younger of order.slice(i + 1)) {
      if (gone.has(younger.id) || isPinned(younger)) continue;
      const other = tubes.get(younger.id)!;
      // The last frame first: nearly all pairs are settled there.
      let frame = pending.length - 1;
      while (frame >= 0) {
        const [a, b] = [kept[frame], other[frame]];
        if (!a || !b || rleIou(a, b) <= DUPLICATE_IOU) break;
        frame--;
      }
      if (frame < 0) gone.add(younger.id);
    }
  }
  return [...gone].sort((a, b) => a - b);
}
