import type { ChunkSpec } from '../../../../core/planning/plan-chunks';
import { encodeRle, rleArea } from '../../../../core/mask/rle';
import type { Rle } from '../../../../core/mask/types';
import type { ChunkTracklets } from '../../../../core/stitch/resolve-identities';
import type { OverlapFrame, OverlapSide, ScoredMask, Tracklet } from '../../../../core/stitch/types';
import { rectangle } from './masks';

export const WIDTH = 64;
export const HEIGHT = 48;

export const OPTIONS = { stitchIouThresh: 0.5, stitchLowIouThresh: 0.2, stitchMargin: 0.1 };

/** Mask of an object on a frame, or undefined where it is invisible. */
export type Actor = (frame: number) => Rle | undefined;

/** A rectangle, clipped to the picture, that moves by (dx, dy) per frame while first <= frame <= last. */
export function moving(
  box: readonly [number, number, number, number],
  motion: readonly [number, number] = [0, 0],
  first = 0,
  last = Infinity,
): Actor {
  return (frame) => {
    if (frame < first || frame > last) return undefined;
    const x = box[0] + motion[0] * frame;
    const y = box[1] + motion[1] * frame;
    const x0 = Math.max(0, x);
    const y0 = Math.max(0, y);
    const w = Math.min(WIDTH, x + box[2]) - x0;
    const h = Math.min(HEIGHT, y + box[3]) - y0;
    return w > 0 && h > 0 ? rectangle(WIDTH, HEIGHT, x0, y0, w, h) : undefined;
  };
}

/** What a chunk with perfect tracking sees: localId -> actor. */
export interface SeenChunk {
  readonly spec: ChunkSpec;
  readonly actors: ReadonlyMap<number, Actor>;
}

export function masksAt(chunk: SeenChunk, frame: number): Map<number, ScoredMask> {
  const masks = new Map<number, ScoredMask>();
  for (const [localId, actor] of chunk.actors) {
    const rle = actor(frame);
    if (rle) masks.set(localId, { rle, score: 1 });
  }
  return masks;
}

export function trackletsOf(chunk: SeenChunk): ChunkTracklets {
  const tracklets: Tracklet[] = [];
  for (const [localId, actor] of chunk.actors) {
    const frames: number[] = [];
    for (let f = chunk.spec.startFrame; f < chunk.spec.endFrame; f++) if (actor(f)) frames.push(f);
    if (frames.length === 0) continue;
    const areas = frames.map((f) => rleArea(actor(f)!));
    tracklets.push({
      chunkIndex: chunk.spec.index,
      localId,
      firstFrame: frames[0]!,
      lastFrame: frames[frames.length - 1]!,
      area: areas.reduce((a, b) => a + b) / areas.length,
      firstArea: areas[0]!,
      firstOwnedFrame: frames.find((f) => f >= chunk.spec.ownedStart),
    });
  }
  return { spec: chunk.spec, tracklets };
}

/** One side of the window [from, to). */
export function sideOf(chunk: SeenChunk, from: number, to: number, hash = (frame: number): string => `h${frame}`): OverlapSide {
  const frames: OverlapFrame[] = [];
  for (let frame = from; frame < to; frame++) frames.push({ frame, masks: masksAt(chunk, frame), hash: hash(frame) });
  return { chunkIndex: chunk.spec.index, tracklets: trackletsOf(chunk).tracklets, frames };
}

export function chunkAt(index: number, start: number, owned: number, end: number, actors: Record<number, Actor>): SeenChunk {
  const spec = { index, startFrame: start, endFrame: end, ownedStart: owned, ownedEnd: end };
  return { spec, actors: new Map(Object.entries(actors).map(([id, actor]) => [Number(id), actor])) };
}

/** Mask with noise: the rectangle cut off by `cut` pixels on its right. */
export function trimmed(actor: Actor, cut: number): Actor {
  return (frame) => {
    const rle = actor(frame);
    if (!rle) return undefined;
    const data = new Uint8Array(WIDTH * HEIGHT);
    const keep = rleArea(rle) - cut;
    let left = keep;
    let position = 0;
    rle.counts.forEach((count, i) => {
      if (i & 1) for (let p = position; p < position + count && left > 0; p++, left--) data[(p % HEIGHT) * WIDTH + Math.floor(p / HEIGHT)] = 1;
      position += count;
    });
    return encodeRle({ width: WIDTH, height: HEIGHT, data });
  };
}
