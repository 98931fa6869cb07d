import type { Plan } from '../contracts/artefacts';
import type { TrackletRecord } from '../contracts/artefacts';
import { fromCocoRle } from '../core/mask/rle-string';
import type { OverlapFrame, OverlapSide, Tracklet } from '../core/stitch/types';
import type { TracksFile } from './tracks-file';

/** Positions that both chunks computed: [start, end); empty where they meet at a scene cut. */
export function overlapWindow(left: Plan['chunks'][number], right: Plan['chunks'][number]): { start: number; end: number } {
  return { start: right.startFrame, end: Math.max(right.startFrame, left.endFrame) };
}

/** What one chunk saw in the overlap window. */
export async function readOverlapSide(tracks: TracksFile, chunkIndex: number, window: { start: number; end: number }): Promise<OverlapSide> {
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
export function toTracklet(record: TrackletRecord, chunkIndex: number): Tracklet {
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

/** All tracklets of a chunk, each with the first owned position on which it is visible (for the order of IDs). */
export async function readTracklets(tracks: TracksFile, chunk: Plan['chunks'][number]): Promise<Tracklet[]> {
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
