import type { CutieSettings } from '../../../contracts/cutie-network';
import { ByteReader, ByteWriter } from '../byte-codec';
import { Bucket, CutieMemory } from './cutie-memory';
import type { CutieLayout } from './layout';
import { PendingMasks } from './pending-masks';
import type { TokenStore } from './token-store';

const SNAPSHOT_MAGIC = 0x43555431; // "CUT1"

/** Everything a Cutie tracker carries from frame to frame. */
export interface CutieState {
  /** Position of the current frame. */
  readonly position: number;
  readonly liveIds: readonly number[];
  /** Steps since the start, and the one that was remembered last. */
  readonly time: number;
  readonly remembered: number;
  readonly pending: PendingMasks;
  /** By object: mask of the last frame but the current one, [cells]. */
  readonly lastMasks: ReadonlyMap<number, Float32Array>;
  readonly memory: CutieMemory;
}

/** The state as bytes; mostly values of tokens: value_dim floats for each object and token. */
export function encodeCutieState({ position, liveIds, time, remembered, pending, lastMasks, memory }: CutieState): Uint8Array {
  const out = new ByteWriter().uint(SNAPSHOT_MAGIC).uint(position).uints(liveIds).uint(time).uint(remembered);
  writeMap(out, pending.logits);
  out.uint(pending.given.length);
  for (const { objectId, rle } of pending.given) out.uint(objectId).uint(rle.width).uint(rle.height).uints(rle.counts);
  writeMap(out, lastMasks);
  out.uint(memory.objects.size);
  for (const [id, { sensory, summaries }] of memory.objects) out.uint(id).floats(sensory).floats(summaries ?? new Float32Array(0));
  out.uint(memory.buckets.length);
  for (const bucket of memory.buckets) {
    out.uints(bucket.objects);
    for (const { keys, shrinkage, selection, use, life, values } of bucket.stores) {
      out.floats(keys).floats(shrinkage).floats(selection).floats(use).floats(life);
      writeMap(out, values);
    }
  }
  return out.finish();
}

/** @throws RangeError when the bytes are no snapshot of a tracker with these settings, on pictures of this layout */
export function decodeCutieState(snapshot: Uint8Array, settings: CutieSettings, layout: CutieLayout): CutieState {
  const from = new ByteReader(snapshot);
  if (from.uint() !== SNAPSHOT_MAGIC) throw new RangeError('not a snapshot of the Cutie tracker');
  const [position, liveIds, time, remembered] = [from.uint(), Array.from(from.uints()), from.uint(), from.uint()];
  const cells = (layout.width * layout.height) / 256;
  const logits = readMap(from, 16 * cells);
  const given = Array.from({ length: from.uint() }, () => ({ objectId: from.uint(), rle: { width: from.uint(), height: from.uint(), counts: from.uints() } }));
  const lastMasks = readMap(from, cells);
  const memory = new CutieMemory(settings);
  for (let left = from.uint(); left > 0; left--) {
    const id = from.uint();
    const sensory = sized(from.floats(), settings.sensory_dim * cells);
    const summaries = from.floats();
    memory.objects.set(id, { sensory, summaries: summaries.length === 0 ? null : sized(summaries, settings.num_queries * (settings.embed_dim + 1)) });
  }
  for (let left = from.uint(); left > 0; left--) {
    const bucket = new Bucket();
    bucket.objects = Array.from(from.uints());
    for (const store of bucket.stores) readStore(from, store, settings);
    memory.buckets.push(bucket);
  }
  from.end();
  return { position, liveIds, time, remembered, pending: new PendingMasks(layout, logits, given), lastMasks, memory };
}

function readStore(from: ByteReader, store: TokenStore, { key_dim, value_dim }: CutieSettings): void {
  const keys = from.floats();
  const count = keys.length / key_dim;
  store.count = count;
  store.keys = sized(keys, Math.floor(count) * key_dim);
  store.shrinkage = sized(from.floats(), count);
  const selection = from.floats();
  store.selection = selection.length === 0 ? selection : sized(selection, count * key_dim);
  store.use = sized(from.floats(), count);
  store.life = sized(from.floats(), count);
  for (const [id, values] of readMap(from, count * value_dim)) store.values.set(id, values);
}

function writeMap(out: ByteWriter, map: ReadonlyMap<number, Float32Array>): void {
  out.uint(map.size);
  for (const [id, values] of map) out.uint(id).floats(values);
}

function readMap(from: ByteReader, length: number): Map<number, Float32Array> {
  const map = new Map<number, Float32Array>();
  for (let left = from.uint(); left > 0; left--) map.set(from.uint(), sized(from.floats(), length));
  return map;
}

function sized(values: Float32Array, length: number): Float32Array {
  if (values.length !== length) throw new RangeError('a memory in a snapshot has the wrong size');
  return values;
}
