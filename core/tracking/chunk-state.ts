import { emptyRle } from '../mask/rle';
import type { Rle } from '../mask/types';
import { ByteReader, ByteWriter } from './byte-codec';
import { createTrack, readTrack, writeTrack, type Track } from './track';

const CHECKPOINT_MAGIC = 0x43484b33; // "CHK3"

/** Everything that trackChunk carries from one interval to the next, but for the tracker's own state. */
export interface ChunkState {
  /** Ids are given in ascending order and never again. */
  nextId: number;
  /** Followed and lost objects by id. */
  readonly live: Map<number, Track>;
  /** Objects that are over and were written at least once. */
  readonly ended: Track[];
  /** First position of the running scene; a chunk starts with a scene of its own. */
  sceneStart: number;
  /** Detection frames seen in this scene. */
  sceneDetections: number;
}

export function createChunkState(): ChunkState {
  return { nextId: 1, live: new Map(), ended: [], sceneStart: 0, sceneDetections: 0 };
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

/** State after the line of `position`, as bytes. */
export function encodeCheckpoint(position: number, state: ChunkState, session: Uint8Array): Uint8Array {
  const out = new ByteWriter().uint(CHECKPOINT_MAGIC).uint(position);
  out.uint(state.nextId).uint(state.sceneStart).uint(state.sceneDetections);
  for (const list of [liveTracks(state), state.ended]) {
    out.uint(list.length);
    for (const track of list) writeTrack(out, track);
  }
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
  const session = from.blob();
  from.end();
  return { position, session, state: { nextId, live, ended, sceneStart, sceneDetections } };
}

/** Position at which a resumed chunk's frames must start (earlier ones are passed over): the one of the checkpoint's last line. */
export function checkpointPosition(checkpoint: Uint8Array): number {
  return decodeCheckpoint(checkpoint).position;
}
