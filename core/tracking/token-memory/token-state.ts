import { ByteReader, ByteWriter } from '../byte-codec';
import type { PaddedLayout } from './padded-layout';
import { PendingMasks } from './pending-masks';
import type { LogitsToMasks } from './soft-masks';
import { Bucket, type TokenMemory, type TokenRules } from './token-memory';
import type { TokenStore } from './token-store';

/** Everything a tracker with token memory carries from frame to frame; `Own` is what one family has besides. */
export interface TokenState<Memory, Own> {
  /** Position of the current frame. */
  readonly position: number;
  readonly liveIds: readonly number[];
  /** Steps since the start, and the one that was remembered last. */
  readonly time: number;
  readonly remembered: number;
  readonly pending: PendingMasks;
  readonly own: Own;
  readonly memory: Memory;
}

/** How a family writes what is its own. */
export interface StateCodec<ObjectState, Own> {
  /** First number of its snapshots, and its name for a message. */
  readonly magic: number;
  readonly name: string;
  writeOwn(out: ByteWriter, own: Own): void;
  readOwn(from: ByteReader, cells: number): Own;
  writeObject(out: ByteWriter, state: ObjectState): void;
  readObject(from: ByteReader, cells: number): ObjectState;
}

/** The state as bytes; mostly values of tokens: value_dim floats for each object and token. */
export function encodeTokenState<ObjectState, Own>(codec: StateCodec<ObjectState, Own>, state: TokenState<TokenMemory<ObjectState>, Own>): Uint8Array {
  const { position, liveIds, time, remembered, pending, own, memory } = state;
  const out = new ByteWriter().uint(codec.magic).uint(position).uints(liveIds).uint(time).uint(remembered);
  writeFloatMap(out, pending.logits);
  out.uint(pending.given.length);
  for (const { objectId, rle } of pending.given) out.uint(objectId).uint(rle.width).uint(rle.height).uints(rle.counts);
  codec.writeOwn(out, own);
  out.uint(memory.objects.size);
  for (const [id, each] of memory.objects) codec.writeObject(out.uint(id), each);
  out.uint(memory.buckets.length);
  for (const bucket of memory.buckets) {
    out.uints(bucket.objects);
    for (const { keys, shrinkage, selection, use, life, values } of bucket.stores) {
      out.floats(keys).floats(shrinkage).floats(selection).floats(use).floats(life);
      writeFloatMap(out, values);
    }
  }
  return out.finish();
}

/**
 * @param memory an empty one, which is filled
 * @throws RangeError when the bytes are no snapshot of a tracker with these rules, on pictures of this layout
 */
export function decodeTokenState<ObjectState, Own, Memory extends TokenMemory<ObjectState>>(
  codec: StateCodec<ObjectState, Own>,
  snapshot: Uint8Array,
  memory: Memory,
  layout: PaddedLayout,
  masksOfLogits: LogitsToMasks,
): TokenState<Memory, Own> {
  const from = new ByteReader(snapshot);
  if (from.uint() !== codec.magic) throw new RangeError(`not a snapshot of the ${codec.name} tracker`);
  const [position, liveIds, time, remembered] = [from.uint(), Array.from(from.uints()), from.uint(), from.uint()];
  const cells = (layout.width * layout.height) / 256;
  const logits = readFloatMap(from, 16 * cells);
  const given = Array.from({ length: from.uint() }, () => ({ objectId: from.uint(), rle: { width: from.uint(), height: from.uint(), counts: from.uints() } }));
  const own = codec.readOwn(from, cells);
  for (let left = from.uint(); left > 0; left--) memory.objects.set(from.uint(), codec.readObject(from, cells));
  for (let left = from.uint(); left > 0; left--) {
    const bucket = new Bucket();
    bucket.objects = Array.from(from.uints());
    for (const store of bucket.stores) readStore(from, store, memory.rules);
    memory.buckets.push(bucket);
  }
  from.end();
  return { position, liveIds, time, remembered, pending: new PendingMasks(layout, masksOfLogits, logits, given), own, memory };
}

function readStore(from: ByteReader, store: TokenStore, { keyDim, valueDim }: TokenRules): void {
  const keys = from.floats();
  const count = keys.length / keyDim;
  store.count = count;
  store.keys = sized(keys, Math.floor(count) * keyDim);
  store.shrinkage = sized(from.floats(), count);
  const selection = from.floats();
  store.selection = selection.length === 0 ? selection : sized(selection, count * keyDim);
  store.use = sized(from.floats(), count);
  store.life = sized(from.floats(), count);
  for (const [id, values] of readFloatMap(from, count * valueDim)) store.values.set(id, values);
}

export function writeFloatMap(out: ByteWriter, map: ReadonlyMap<number, Float32Array>): void {
  out.uint(map.size);
  for (const [id, values] of map) out.uint(id).floats(values);
}

export function readFloatMap(from: ByteReader, length: number): Map<number, Float32Array> {
  const map = new Map<number, Float32Array>();
  for (let left = from.uint(); left > 0; left--) map.set(from.uint(), sized(from.floats(), length));
  return map;
}

/** @throws RangeError unless there are so many */
export function sized(values: Float32Array, length: number): Float32Array {
  if (values.length !== length) throw new RangeError('a memory in a snapshot has the wrong size');
  return values;
}
