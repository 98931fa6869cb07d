import { componentMask, findComponents } from '../mask/connected-components';
import { decodeRle, encodeRle, rleArea } from '../mask/rle';
import { describeRle } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { usualArea } from './importance';
import type { OpenInterval } from './pending-frame';

/** A piece of so much of an object's usual area, and at most so much more, may be the object as a whole. */
const WHOLE_PIECE = { least: 0.6, most: 1.5 } as const;

/**
 * On each frame: a mask that was on two like objects in one place, and has come apart into two pieces as large as the object each. Where both came from says which
 * piece is whose (see Crossings): the other one goes to the track that was lost in the meeting.
 * @param given tracks whose mask on the newest frame was given
 */
export async function partDoubled({ session, state, pending, ending }: OpenInterval, given: ReadonlySet<number>): Promise<void> {
  const { frame, masks } = pending[pending.length - 1]!;
  for (const [id, { rle, score }] of [...masks]) {
    const track = state.live.get(id);
    if (!track || ending.has(id) || given.has(id)) continue;
    const usual = usualArea(track);
    if (!state.crossings.isMeeting(id) || rleArea(rle) < 2 * WHOLE_PIECE.least * usual) continue;
    const pieces = twoPieces(rle, usual);
    if (!pieces) continue;
    const isLost = (other: number): boolean => state.live.has(other) && !ending.has(other) && !masks.has(other);
    const parted = state.crossings.part(id, frame.position, [describeRle(pieces[0]).box, describeRle(pieces[1]).box], isLost);
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

/** The two largest pieces of a mask that are each as large as the object usually is; null when there are no two such. */
function twoPieces(rle: Rle, usual: number): readonly [Rle, Rle] | null {
  const found = findComponents(decodeRle(rle));
  const [first, second] = [...found.areas.keys()].sort((a, b) => found.areas[b]! - found.areas[a]! || a - b);
  if (first === undefined || second === undefined || found.areas[second]! < WHOLE_PIECE.least * usual || found.areas[first]! > WHOLE_PIECE.most * usual) return null;
  return [encodeRle(componentMask(found, first, rle)), encodeRle(componentMask(found, second, rle))];
}
