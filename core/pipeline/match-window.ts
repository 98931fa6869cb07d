import type { TrackletRecord } from '../../contracts/artefacts';
import { rleArea, rleCentroid, rleToBoxXywh } from '../mask/rle';
import { fromCocoRle } from '../mask/rle-string';
import type { Rle } from '../mask/types';
import type { ChunkSpec } from '../planning/plan-chunks';
import type { Place } from '../stitch/gap-evidence';
import { matchOverlap } from '../stitch/match-overlap';
import type { TrackletLook } from '../stitch/resolve-with-reidentification';
import type { OverlapFrame, OverlapMatch, OverlapSide, StitchOptions, Tracklet } from '../stitch/types';
import type { ChunkTracks } from './chunk-tracks';

/** A chain of the plan, which is one chunk to stitching, and what tracking left of it. */
export interface TrackedChain {
  readonly spec: ChunkSpec;
  readonly tracks: ChunkTracks;
}

/**
 * Decides which tracklets of two neighbouring chains are one object, from what both saw in the frames they share.
 * @throws FrameHashMismatch when they decoded a frame to different pixels
 */
export async function matchNeighbours(left: TrackedChain, right: TrackedChain, options: StitchOptions): Promise<OverlapMatch> {
  const window = overlapWindow(left.spec, right.spec);
  const leftSide = await readOverlapSide(left.tracks, left.spec.index, window);
  const rightSide = await readOverlapSide(right.tracks, right.spec.index, window);
  return matchOverlap(leftSide, rightSide, options);
}

/** Positions that both computed: [start, end); empty where they meet at a scene cut. */
function overlapWindow(left: ChunkSpec, right: ChunkSpec): { start: number; end: number } {
  return { start: right.startFrame, end: Math.max(right.startFrame, left.endFrame) };
}

/** What one of them saw in the overlap window. */
async function readOverlapSide(tracks: ChunkTracks, chunkIndex: number, window: { start: number; end: number }): Promise<OverlapSide> {
  const frames: OverlapFrame[] = [];
  for await (const line of tracks.lines(window.start, window.end)) {
    const masks = new Map(line.objects.map((object) => [object.localId, { rle: fromCocoRle(object.rle), score: object.score }]));
    frames.push({ frame: line.position, hash: line.hash, masks });
  }
  const records = await tracks.tracklets();
  const appearance = new Map(records.filter((record) => record.appearance.length > 0).map((record) => [record.localId, Float32Array.from(record.appearance)]));
  return { chunkIndex, tracklets: records.map((record) => toTracklet(record, chunkIndex)), frames, appearance };
}

/** The stored record of a tracklet in the form that core/stitch reads. */
function toTracklet(record: TrackletRecord, chunkIndex: number): Tracklet {
  return {
    chunkIndex,
    localId: record.localId,
    firstFrame: record.firstPosition,
    lastFrame: record.lastPosition,
    area: record.meanArea,
    firstArea: record.firstArea,
    confirmed: record.confirmed,
    ...(record.givenId !== undefined && { givenId: record.givenId }),
  };
}

/** All tracklets of a chain, each with the first owned position on which it is visible (for the order of IDs). */
export async function readTracklets(tracks: ChunkTracks, chunk: ChunkSpec): Promise<Tracklet[]> {
  const records = await tracks.tracklets();
  const firstOwned = new Map<number, number>();
  const wanted = new Set(records.filter((record) => record.firstPosition < chunk.ownedStart && record.lastPosition >= chunk.ownedStart).map((record) => record.localId));
  for await (const line of wanted.size > 0 ? tracks.lines(chunk.ownedStart, chunk.endFrame) : []) {
    for (const { localId } of line.objects) if (wanted.delete(localId)) firstOwned.set(localId, line.position);
    if (wanted.size === 0) break;
  }
  return records.map((record) => {
    const firstOwnedFrame = firstOwned.get(record.localId);
    return { ...toTracklet(record, chunk.index), ...(firstOwnedFrame !== undefined && { firstOwnedFrame }) };
  });
}

/** The looks of a chain's tracklets, by localId: their appearance, and where they were on their first and last position. */
export async function readLooks(tracks: ChunkTracks): Promise<Map<number, TrackletLook>> {
  const records = await tracks.tracklets();
  const places = new Map<string, Place>();
  const ends = new Set(records.flatMap((record) => [record.firstPosition, record.lastPosition]));
  const wanted = new Set(records.flatMap((record) => [placeName(record.localId, record.firstPosition), placeName(record.localId, record.lastPosition)]));
  for await (const line of tracks.linesAt(ends)) {
    for (const { localId, rle } of line.objects) {
      const name = placeName(localId, line.position);
      const place = wanted.has(name) ? placeOf(fromCocoRle(rle)) : null;
      if (place !== null) places.set(name, place);
    }
  }
  return new Map(
    records.flatMap((record): [number, TrackletLook][] => {
      const first = places.get(placeName(record.localId, record.firstPosition));
      const last = places.get(placeName(record.localId, record.lastPosition));
      return first && last ? [[record.localId, { appearance: Float32Array.from(record.appearance), first, last }]] : [];
    }),
  );
}

function placeName(localId: number, position: number): string {
  return `${localId}@${position}`;
}

function placeOf(rle: Rle): Place | null {
  const centroid = rleCentroid(rle);
  if (centroid === null) return null;
  const [, , width, height] = rleToBoxXywh(rle);
  return { ...centroid, extent: Math.max(width, height), area: rleArea(rle) };
}
