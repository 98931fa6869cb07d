import type { TrackLine } from '../../contracts/artefacts';
import { describeRle, rleIntersectionAreaWithin } from '../mask/rle-ops';
import { rleToCocoString } from '../mask/rle-string';
import { countWritten, type Track } from './track';
import type { PendingFrame } from './pending-frame';

/** Containment in other objects is looked at on every so many positions. */
const SAMPLE_EVERY = 4;
/** Share of an object's pixels that must lie in another for the other to hold it, and how much larger that must be. */
const CONTAINED = 0.9;
const LARGER = 1.1;

/** Final lines of the pending frames, objects by id; adds what is written to the tracks' sums. */
export function writeLines(pending: readonly PendingFrame[], tracks: ReadonlyMap<number, Track>): TrackLine[] {
  return pending.map(({ frame, hash, masks }) => {
    const { position } = frame;
    const shown = [...masks].filter(([id]) => tracks.has(id)).sort(([a], [b]) => a - b);
    const extents = shown.map(([, { rle }]) => describeRle(rle));
    shown.forEach(([id], i) => countWritten(tracks.get(id)!.written, position, extents[i]!.area));
    if (position % SAMPLE_EVERY === 0) {
      for (const [i, [id, { rle }]] of shown.entries()) {
        const { written } = tracks.get(id)!;
        written.samples++;
        for (const [j, [other, { rle: around }]] of shown.entries()) {
          if (i === j || extents[j]!.area < LARGER * extents[i]!.area) continue;
          const inside = rleIntersectionAreaWithin(rle, around, extents[i]!, extents[j]!);
          if (inside >= CONTAINED * extents[i]!.area) written.containers.set(other, (written.containers.get(other) ?? 0) + 1);
        }
      }
    }
    const objects = shown.map(([localId, { rle, score }]) => ({
      localId,
      score: Math.round(score * 1e4) / 1e4,
      rle: { size: [rle.height, rle.width] as [number, number], counts: rleToCocoString(rle) },
    }));
    return { position, hash, objects };
  });
}
