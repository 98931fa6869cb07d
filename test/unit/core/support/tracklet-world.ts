import type { ChunkSpec } from '../../../../core/planning/plan-chunks';
import { describeRle } from '../../../../core/mask/rle-ops';
import { rleArea, rleCentroid, rleToBoxXywh } from '../../../../core/mask/rle';
import type { Rle } from '../../../../core/mask/types';
import type { Place } from '../../../../core/stitch/gap-evidence';
import type { IdentityMap } from '../../../../core/stitch/identity-map';
import { matchOverlap } from '../../../../core/stitch/match-overlap';
import type { ChunkTracklets } from '../../../../core/stitch/resolve-identities';
import type { ReidentificationRequest, TrackletLook } from '../../../../core/stitch/resolve-with-reidentification';
import { selectMasksForFrame, type SelectedMask } from '../../../../core/stitch/select-masks';
import type { OverlapMatch, OverlapSide, Tracklet, TrackletKey } from '../../../../core/stitch/types';
import { OPTIONS, WIDTH, type Actor } from './world';

/** A thing of the world: where it is, and what it looks like. */
export interface Thing {
  readonly actor: Actor;
  readonly look: Float32Array;
}

/** What a tracker made of one thing in one chunk. */
export interface SeenTracklet {
  readonly localId: number;
  readonly masks: ReadonlyMap<number, Rle>;
  readonly look: Float32Array;
  /** Index of the thing, for comparison with the truth. */
  readonly thing: number;
  readonly givenId?: number;
}

export interface TrackedChunk {
  readonly spec: ChunkSpec;
  readonly tracklets: readonly SeenTracklet[];
}

/** The runs of frames [first, last] on which a thing is visible without a break and without a scene cut inside, within [from, to). */
export function runsOf(actor: Actor, from: number, to: number, cuts: readonly number[]): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let frame = from; frame < to; frame++) {
    if (!actor(frame)) continue;
    const run = runs.at(-1);
    if (run && run[1] === frame - 1 && !cuts.includes(frame)) run[1] = frame;
    else runs.push([frame, frame]);
  }
  return runs;
}

/** A chunk as a perfect tracker sees it: a tracklet per run; local IDs in the order of `keys`. */
export function trackPerfectly(spec: ChunkSpec, things: readonly Thing[], cuts: readonly number[], keys: readonly number[]): TrackedChunk {
  const seen = things.flatMap(({ actor, look }, thing) =>
    runsOf(actor, spec.startFrame, spec.endFrame, cuts).map(([first, last]) => {
      const masks = new Map<number, Rle>();
      for (let frame = first; frame <= last; frame++) masks.set(frame, actor(frame)!);
      return { masks, look, thing };
    }),
  );
  return { spec, tracklets: shuffled(seen, keys).map((one, i) => ({ ...one, localId: i + 1 })) };
}

export function shuffled<T>(list: readonly T[], keys: readonly number[]): T[] {
  return list
    .map((item, i) => [keys[i % keys.length]!, i, item] as const)
    .sort((p, q) => p[0] - q[0] || p[1] - q[1])
    .map((entry) => entry[2]);
}

export function trackletsOf({ spec, tracklets }: TrackedChunk): ChunkTracklets {
  return {
    spec,
    tracklets: tracklets.map(({ localId, masks, givenId }): Tracklet => {
      const frames = [...masks.keys()].sort((a, b) => a - b);
      const areas = frames.map((frame) => rleArea(masks.get(frame)!));
      return {
        chunkIndex: spec.index,
        localId,
        firstFrame: frames[0]!,
        lastFrame: frames.at(-1)!,
        area: areas.reduce((a, b) => a + b) / areas.length,
        firstArea: areas[0]!,
        firstOwnedFrame: frames.find((frame) => frame >= spec.ownedStart),
        ...(givenId !== undefined && { givenId }),
      };
    }),
  };
}

function sideOf(chunk: TrackedChunk, from: number, to: number): OverlapSide {
  const frames = Array.from({ length: Math.max(0, to - from) }, (_, i) => {
    const masks = new Map(chunk.tracklets.flatMap(({ localId, masks: all }) => (all.has(from + i) ? [[localId, { rle: all.get(from + i)!, score: 1 }]] : [])));
    return { frame: from + i, masks, hash: `h${from + i}` };
  });
  return { chunkIndex: chunk.spec.index, tracklets: trackletsOf(chunk).tracklets, frames, appearance: new Map(chunk.tracklets.map(({ localId, look }) => [localId, look])) };
}

/** The decisions on all borders. */
export function matchBorders(chunks: readonly TrackedChunk[]): OverlapMatch[] {
  return chunks.slice(1).map((right, i) => {
    const left = chunks[i]!;
    const [from, to] = [right.spec.startFrame, left.spec.endFrame];
    return matchOverlap(sideOf(left, from, to), sideOf(right, from, to), OPTIONS);
  });
}

export function placeOf(rle: Rle): Place {
  const [, , width, height] = rleToBoxXywh(rle);
  return { ...rleCentroid(rle)!, extent: Math.max(width, height), area: describeRle(rle).area };
}

/** What re-identification needs to know of the chunks. */
export function requestFor(chunks: readonly TrackedChunk[], sceneCuts: readonly number[], reidentify: boolean): ReidentificationRequest {
  const looks = new Map<string, TrackletLook>();
  for (const { spec, tracklets } of chunks)
    for (const { localId, masks, look } of tracklets) {
      const frames = [...masks.keys()].sort((a, b) => a - b);
      looks.set(`${spec.index}/${localId}`, { appearance: look, first: placeOf(masks.get(frames[0]!)!), last: placeOf(masks.get(frames.at(-1)!)!) });
    }
  const lookOf = ({ chunkIndex, localId }: TrackletKey): TrackletLook | undefined => looks.get(`${chunkIndex}/${localId}`);
  return { reidentify, reidentifyThresh: 0.75, reidentifyGap: 240, stitchMargin: OPTIONS.stitchMargin, lookOf, sceneCuts, span: WIDTH };
}

/** The masks of one frame of the result. */
export function showFrame(frame: number, chunks: readonly TrackedChunk[], map: IdentityMap): SelectedMask[] {
  const sources = chunks
    .filter(({ spec }) => frame >= spec.startFrame && frame < spec.endFrame)
    .map(({ spec, tracklets }) => ({
      assignments: map.chunks[spec.index]!,
      masks: new Map(tracklets.flatMap(({ localId, masks }) => (masks.has(frame) ? [[localId, { rle: masks.get(frame)!, score: 1 }]] : []))),
    }));
  return selectMasksForFrame(frame, sources);
}
