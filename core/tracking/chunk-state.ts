import { emptyRle } from '../mask/rle';
import type { Rle } from '../mask/types';
import { ByteReader, ByteWriter } from './byte-codec';
import { Crossings } from './crossings';
import { createTrack, isPinned, readTrack, writeTrack, type Track } from './track';

const CHECKPOINT_MAGIC = 0x43484b37; // "CHK7"

/** Everything that trackChunk carries from one interval to the next, but for the tracker's own state. */
export interface ChunkState {
  /** Ids are given in ascending order and never again. */
  nextId: number;
  /** Followed and lost objects by id. */
  readonly live: Map<number, Track>;
  /** Objects that are over and were written at least once. */
  readonly ended: Track[];
  /** Mean areas of objects that were over before this chunk, by id: those that held a live one. */
  readonly formerAreas: Map<number, number>;
  /** First position of the running scene; a chunk starts with a scene of its own. */
  sceneStart: number;
  /** Detection frames seen in this scene. */
  sceneDetections: number;
  /** Of this scene. */
  crossings: Crossings;
}

export function createChunkState(): ChunkState {
  return { nextId: 1, live: new Map(), ended: [], formerAreas: new Map(), sceneStart: 0, sceneDetections: 0, crossings: new Crossings() };
}

/** Live tracks by ascending id. */
export function liveTracks(state: ChunkState): Track[] {
  return [...state.live.values()].sort((a, b) => a.id - b.id);
}

/** The object is over; its record stays when it was ever written. */
export function endTrack(state: ChunkState, id: number): void {
  const track = state.live.get(id);
  if (!track) return;
  state.live.delete(id);
  track.lastMask = emptyRle(track.lastMask.width, track.lastMask.height);
  if (track.written.frames > 0) state.ended.push(track);
}

/** The live or ended track of an object that the user gave; there is at most one in a chunk. */
export function findGiven(state: ChunkState, givenId: number): Track | undefined {
  return [...state.live.values(), ...state.ended].find((track) => track.givenId === givenId);
}

/** An object that is over, as a rule at a scene cut, goes on with this mask: as the same track. */
export function reviveTrack(state: ChunkState, over: Track, position: number, mask: Rle, score: number): Track {
  state.ended.splice(state.ended.indexOf(over), 1);
  const track: Track = { ...createTrack(over.id, position, mask, score, over.givenId), written: over.written, appearance: over.appearance };
  state.live.set(track.id, track);
  return track;
}

/**
 * What another chunk needs of a chunk's last state to go on: objects that are over are in that chunk's own list, but for given ones,
 * which may come back, and for the areas of those that held a live one.
 */
export function continueState(state: ChunkState): ChunkState {
  const holders = new Set(liveTracks(state).flatMap(({ written }) => [...written.containers.keys()]));
  const over = state.ended.map(({ id, written }): [number, number] => [id, written.areaSum / written.frames]);
  const formerAreas = new Map([...state.formerAreas, ...over].filter(([id]) => holders.has(id)));
  return { ...state, ended: state.ended.filter(isPinned), formerAreas };
}

/** State after the line of `position`, as bytes. */
export function encodeCheckpoint(position: number, state: ChunkState, session: Uint8Array): Uint8Array {
  const out = new ByteWriter().uint(CHECKPOINT_MAGIC).uint(position);
  out.uint(state.nextId).uint(state.sceneStart).uint(state.sceneDetections);
  for (const list of [liveTracks(state), state.ended]) {
    out.uint(list.length);
    for (const track of list) writeTrack(out, track);
  }
  const former = [...state.formerAreas].sort(([a], [b]) => a - b);
  out.uint(former.length);
  for (const [id, area] of former) out.uint(id).float(area);
  state.crossings.write(out);
  return out.blob(session).finish();
}

/** Throws RangeError for bytes that are not a checkpoint. */
export function decodeCheckpoint(bytes: Uint8Array): { readonly position: number; readonly state: ChunkState; readonly session: Uint8Array } {
  const from = new ByteReader(bytes);
  if (from.uint() !== CHECKPOINT_MAGIC) throw new RangeError('not a checkpoint of a chunk');
  const position = from.uint();
  const [nextId, sceneStart, sceneDetections] = [from.uint(), from.uint(), from.uint()];
  const readList = (): Track[] => {
    const list: Track[] = [];
    for (let left = from.uint(); left > 0; left--) list.push(readTrack(from));
    return list;
  };
  const live = new Map(readList().map((track) => [track.id, track]));
  const ended = readList();
  const formerAreas = new Map<number, number>();
  for (let left = from.uint(); left > 0; left--) formerAreas.set(from.uint(), from.float());
  const crossings = Crossings.read(from);
  const session = from.blob();
  from.end();
  return { position, session, state: { nextId, live, ended, formerAreas, sceneStart, sceneDetections, crossings } };
}

/** Position at which a resumed chunk's frames must start (earlier ones are passed over): the one of the checkpoint's last line. */
export function checkpointPosition(checkpoint: Uint8Array): number {
  return decodeCheckpoint(checkpoint).position;
}
