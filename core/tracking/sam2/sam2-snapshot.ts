import { memoryPlaces, type Sam2Settings } from '../../../contracts/sam2-network';
import { ByteReader, ByteWriter } from '../byte-codec';
import { ObjectMemory, type FrameMemory } from './object-memory';

const SNAPSHOT_MAGIC = 0x534d3231; // "SM21"

/** Everything a SAM 2 tracker carries from frame to frame. */
export interface Sam2State {
  /** Position of the current frame. */
  readonly position: number;
  readonly memories: ReadonlyMap<number, ObjectMemory>;
}

/** The state as bytes: memories in bfloat16, pointers as floats. About mem_dim * places * 2 bytes for each object and remembered frame. */
export function encodeSam2State({ position, memories }: Sam2State): Uint8Array {
  const out = new ByteWriter().uint(SNAPSHOT_MAGIC).uint(position).uints([...memories.keys()]);
  for (const { conditioning, tracked } of memories.values())
    for (const frames of [conditioning, tracked]) {
      out.uint(frames.size);
      for (const [at, { memory, pointer }] of frames) {
        out.uint(at).floats(pointer);
        out.blob(memory ? new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength) : new Uint8Array(0));
      }
    }
  return out.finish();
}

/** @throws RangeError when the bytes are no snapshot of a tracker with these settings */
export function decodeSam2State(snapshot: Uint8Array, settings: Sam2Settings, inputSize: number): Sam2State {
  const from = new ByteReader(snapshot);
  if (from.uint() !== SNAPSHOT_MAGIC) throw new RangeError('not a snapshot of the SAM 2 tracker');
  const position = from.uint();
  const places = memoryPlaces(settings, inputSize);
  const memories = new Map<number, ObjectMemory>();
  for (const id of from.uints()) {
    const memory = new ObjectMemory(settings);
    for (const frames of [memory.conditioning, memory.tracked])
      for (let left = from.uint(); left > 0; left--) frames.set(from.uint(), readFrame(from, settings, places));
    memories.set(id, memory);
  }
  from.end();
  return { position, memories };
}

function readFrame(from: ByteReader, { hidden_dim, mem_dim }: Sam2Settings, places: number): FrameMemory {
  const pointer = from.floats();
  const bytes = from.blob();
  if (pointer.length !== hidden_dim || (bytes.length !== 0 && bytes.length !== 2 * mem_dim * places)) throw new RangeError('a memory in a snapshot has the wrong size');
  return { pointer, memory: bytes.length === 0 ? null : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) };
}
