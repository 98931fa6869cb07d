import { liveTracks } from './chunk-state';
import { tubeOf, type OpenInterval, type PendingFrame } from './pending-frame';
import { isPinned, type Track } from './track';
import { tubeIou } from './tube-iou';

/** Volume IoU, over the frames of an interval that show a track, from which on another one is the same thing. */
const SAME_THING_IOU = 0.8;

/**
 * On a detection frame, once it is known what was seen: an object that was followed twice, as a part and as a whole say, and is lost as the one that was followed for longer but not
 * as the other, goes on with the other's masks. Who its other is, is noted where it is lost: the visible track that was the same thing until then. It takes over when
 * a detection supports the other again, so that the last crumbs of a thing that disappears are nobody's.
 */
export async function takeOver({ session, state, pending, ending }: OpenInterval): Promise<void> {
  const { masks } = pending[pending.length - 1]!;
  const tracks = liveTracks(state).filter(({ id }) => !ending.has(id));
  for (const track of tracks) {
    if (ending.has(track.id)) continue; // it was taken over just now
    if (masks.has(track.id)) {
      track.heir = null;
      continue;
    }
    if (track.heir === null) {
      track.heir = findHeir(track, tracks.filter(({ id }) => masks.has(id)), pending);
      continue;
    }
    const heir = state.live.get(track.heir);
    if (!heir || ending.has(heir.id)) {
      track.heir = null;
      continue;
    }
    const mask = masks.get(heir.id);
    if (!mask || heir.missed > 0 || heir.written.frames >= track.written.frames) continue;
    giveMasks(heir, track, pending);
    ending.add(heir.id);
    if (session.succeed) session.succeed(heir.id, track.id);
    else {
      session.removeObjects([heir.id]);
      await session.addObjects([{ objectId: track.id, rle: mask.rle, score: mask.score }]);
    }
  }
}

/** The visible track that was where this one was, on the frames of the interval that show it. Given objects are nobody's heirs. */
function findHeir(track: Track, visible: readonly Track[], pending: readonly PendingFrame[]): number | null {
  const seen = pending.filter(({ masks }) => masks.has(track.id));
  const own = tubeOf(seen, track.id);
  let [best, most] = [null as number | null, SAME_THING_IOU];
  for (const other of visible) {
    const iou = isPinned(other) ? 0 : tubeIou(own, tubeOf(seen, other.id));
    if (iou >= most) [best, most] = [other.id, iou];
  }
  return best;
}

/** The heir's masks are the track's wherever it has none itself. */
function giveMasks(heir: Track, track: Track, pending: readonly PendingFrame[]): void {
  for (const { masks } of pending) {
    const mask = masks.get(heir.id);
    if (!mask || masks.has(track.id)) continue;
    masks.set(track.id, mask);
    masks.delete(heir.id);
  }
  track.missed = 0;
  track.support++;
  track.heir = null;
}
