import { boxXywhToXyxy, type BoxXyxy } from '../geometry/boxes';
import { findComponents } from '../mask/connected-components';
import { decodeRle, encodeRle, rleArea, rleToBoxXywh } from '../mask/rle';
import type { Rle } from '../mask/types';
import { usualArea } from './importance';
import type { OpenInterval } from './pending-frame';

/** A piece of so much of an object's usual area, and at most so much more, may be the object as a whole. */
const WHOLE_PIECE = { least: 0.6, most: 1.5 } as const;

/**
 * On each frame: a mask that was on two like objects in one place, and has come apart into two pieces as large as the object each, is on two objects. Where they came from says which
 * piece is whose (see Crossings): the other one goes to the track that was lost in the meeting.
 * @param given tracks whose mask on the newest frame was given
 */
export async function partDoubled({ session, state, pending, ending }: OpenInterval, given: ReadonlySet<number>): Promise<void> {
  const { frame, masks } = pending[pending.length - 1]!;
  for (const [id, { rle, score }] of [...masks]) {
    const track = state.live.get(id);
    if (!track || ending.has(id) || given.has(id)) continue;
    const usual = usualArea(track);
    const area = rleArea(rle);
    if (area < 2 * WHOLE_PIECE.least * usual || !state.crossings.isMeeting(id)) continue;
    const pieces = twoPieces(rle, usual);
    if (!pieces) continue;
    const isHidden = (other: number): boolean => {
      const track = state.live.get(other);
      return track !== undefined && !ending.has(other) && !masks.has(other);
    };
    const parted = state.crossings.part(id, frame.position, pieces.map(boxOf) as [BoxXyxy, BoxXyxy], isHidden);
    if (!parted) continue;
    const [own, others] = parted.ownIsFirst ? pieces : [pieces[1], pieces[0]];
    const other = state.live.get(parted.other)!;
    masks.set(id, { rle: own, score });
    masks.set(other.id, { rle: others, score });
    other.missed = 0;
    const objects = [id, other.id].sort((a, b) => a - b).map((objectId) => ({ objectId, ...masks.get(objectId)! }));
    if (session.amend) await session.amend(objects, parted.since + 1);
    else await session.addObjects(objects);
    state.crossings.forget([id, other.id]);
  }
}

/** The two largest pieces of a mask that are each as large as the object usually is, and lie apart; null when there are no two such. */
function twoPieces(rle: Rle, usual: number): [Rle, Rle] | null {
  const { width, height } = rle;
  const found = findComponents(decodeRle(rle));
  const order = [...found.areas.keys()].sort((a, b) => found.areas[b]! - found.areas[a]! || a - b).slice(0, 2);
  if (order.length < 2 || order.some((c) => found.areas[c]! < WHOLE_PIECE.least * usual || found.areas[c]! > WHOLE_PIECE.most * usual)) return null;
  return order.map((c) => {
    const data = new Uint8Array(width * height);
    for (let r = 0; r < found.starts.length; r++) if (found.component[r] === c) data.fill(1, found.starts[r]!, found.ends[r]!);
    return encodeRle({ width, height, data });
  }) as [Rle, Rle];
}

function boxOf(rle: Rle): BoxXyxy {
  return boxXywhToXyxy(rleToBoxXywh(rle));
}
