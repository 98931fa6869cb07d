import { describeRle } from '../mask/rle-ops';
import { cosine } from './appearance';
import type { Sighting } from './crossings';
import { exchangeEntries } from './exchange-entries';
import { FrameViews } from './frame-views';
import { usualArea } from './importance';
import type { OpenInterval } from './pending-frame';

/** Two objects that look so much more like themselves than like each other (sum of both cosines) have not been exchanged, wherever they are. */
const CLEARLY_THEMSELVES = 0.2;

/**
 * On each frame: two tracks that went through each other and came out as the other (see Crossings) get their own objects back, unless looks say that they are right.
 * @param given tracks whose mask on the newest frame was given: they are where the user says
 */
export async function exchangeCrossed({ session, state, pending, ending }: OpenInterval, given: ReadonlySet<number>): Promise<void> {
  const { frame, masks } = pending[pending.length - 1]!;
  const seen = new Map<number, Sighting>();
  for (const [id, { rle }] of masks) {
    const track = state.live.get(id);
    if (track && !ending.has(id)) seen.set(id, { ...describeRle(rle), usualArea: usualArea(track) });
  }
  state.crossings.forget([...given]);
  const crossed = state.crossings.note(frame.position, seen);
  if (crossed.length === 0) return;
  const views = new FrameViews(await frame.embedding());
  for (const { a, b, crossedAt } of crossed) {
    const [viewA, viewB] = [views.of(masks.get(a)!.rle), views.of(masks.get(b)!.rle)];
    const [ofA, ofB] = [state.live.get(a)!.appearance.prototype, state.live.get(b)!.appearance.prototype];
    const themselves = cosine(viewA, ofA) + cosine(viewB, ofB);
    const eachOther = cosine(viewA, ofB) + cosine(viewB, ofA);
    if (themselves - eachOther > CLEARLY_THEMSELVES) continue;
    for (const then of pending) if (then.frame.position >= crossedAt) exchangeEntries(then.masks, a, b);
    if (session.exchange) session.exchange(a, b);
    else await session.addObjects([a, b].map((objectId) => ({ objectId, ...masks.get(objectId)! })));
    state.crossings.forget([a, b]);
  }
}
