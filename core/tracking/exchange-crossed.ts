import { rleArea, rleToBoxXywh } from '../mask/rle';
import { cosine, createFrameFeatures, poolAppearance } from './appearance';
import type { ChunkState } from './chunk-state';
import type { Sighting } from './crossings';
import { usualArea } from './importance';
import { maskGridOf, rleToSteps } from './mask-grid';
import type { PendingFrame } from './pending-frame';
import type { TrackerSession } from './types';

/** Two objects that look so much more like themselves than like each other (sum of both cosines) have not been exchanged, wherever they are. */
const CLEARLY_THEMSELVES = 0.2;

export interface CrossedObjects {
  readonly session: TrackerSession;
  readonly state: ChunkState;
  readonly pending: readonly PendingFrame[];
  /** Tracks whose mask on the newest frame was given: they are where the user says. */
  readonly given: ReadonlySet<number>;
  readonly ending: ReadonlySet<number>;
}

/** On each frame: two tracks that went through each other and came out as the other (see Crossings) get their own objects back, unless looks say that they are right. */
export async function exchangeCrossed({ session, state, pending, given, ending }: CrossedObjects): Promise<void> {
  const { frame, masks } = pending[pending.length - 1]!;
  const seen = new Map<number, Sighting>();
  for (const [id, { rle }] of masks) {
    const track = state.live.get(id);
    if (track && !ending.has(id)) seen.set(id, { box: rleToBoxXywh(rle), area: rleArea(rle), usualArea: usualArea(track) });
  }
  state.crossings.forget([...given]);
  for (const { a, b, crossedAt } of state.crossings.note(frame.position, seen)) {
    const [one, other] = [state.live.get(a)!, state.live.get(b)!];
    const embedding = await frame.embedding();
    const [features, grid] = [createFrameFeatures(embedding), maskGridOf(embedding)];
    const viewOf = (id: number): Float32Array => poolAppearance(rleToSteps(masks.get(id)!.rle, grid), grid, features);
    const [viewA, viewB] = [viewOf(a), viewOf(b)];
    const themselves = cosine(viewA, one.appearance.prototype) + cosine(viewB, other.appearance.prototype);
    const eachOther = cosine(viewA, other.appearance.prototype) + cosine(viewB, one.appearance.prototype);
    if (themselves - eachOther > CLEARLY_THEMSELVES) continue;
    const since = Math.ceil(crossedAt);
    for (const then of pending) if (then.frame.position >= since) exchangeMasks(then, a, b);
    if (session.exchange) session.exchange(a, b);
    else await session.addObjects([a, b].map((objectId) => ({ objectId, ...masks.get(objectId)! })));
    state.crossings.forget([a, b]);
  }
}

function exchangeMasks({ masks }: PendingFrame, a: number, b: number): void {
  const [ofA, ofB] = [masks.get(a), masks.get(b)];
  for (const [id, mask] of [[a, ofB], [b, ofA]] as const) {
    if (mask) masks.set(id, mask);
    else masks.delete(id);
  }
}
