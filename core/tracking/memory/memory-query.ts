import type { MemoryQuery, MemorySizes, QueryFrame } from '../../../contracts/memory-network';
import { unpackHalfs } from '../float16';
import type { MemoryFrame } from './memory-bank';

/** Most numbers in one query's `memoryValues` (64 MB): bounds the memory of a read, which is several times that, whatever the number of objects. 40 objects at 768 pixels fit. */
const VALUES_PER_READ = 32 * 1024 * 1024;

/** Objects in parts that are read together. Every part looks the whole memory through, so they are as large as memory allows. */
export function splitObjects(ids: readonly number[], frames: number, cells: number, sizes: MemorySizes, limit = VALUES_PER_READ): number[][] {
  const most = Math.max(1, Math.floor(limit / (frames * cells * sizes.valueChannels)));
  const parts = Math.ceil(ids.length / most);
  return Array.from({ length: parts }, (_, i) => ids.slice(Math.floor((i * ids.length) / parts), Math.floor(((i + 1) * ids.length) / parts)));
}

/** [frames, keyChannels, cells] of all frames, packed. */
export function gatherKeys(frames: readonly MemoryFrame[]): Uint16Array {
  const size = frames[0]?.key.key.length ?? 0;
  const out = new Uint16Array(frames.length * size);
  frames.forEach((frame, t) => out.set(frame.key.key, t * size));
  return out;
}

/**
 * Space for the `memoryValues` of one query after the other. They are larger than all else of a frame together: made anew each time, the pages are
 * cleared first, and the collector has to run for them.
 */
export class ValueSpace {
  private space = new Uint16Array(0);

  /** So many numbers, of any value; they are of the last query until then. */
  take(length: number): Uint16Array {
    if (length > this.space.length) this.space = new Uint16Array(Math.max(length, Math.min(VALUES_PER_READ, Math.ceil(1.25 * length))));
    return this.space.subarray(0, length);
  }
}

/** The query for some objects, which holds until the next one with this `space`. `previous` is where each was on the frame before; [cells], packed. */
export function buildQuery(
  query: QueryFrame,
  frames: readonly MemoryFrame[],
  memoryKeys: Uint16Array,
  ids: readonly number[],
  previous: (id: number) => Uint16Array | undefined,
  sizes: MemorySizes,
  space: ValueSpace,
): MemoryQuery {
  const cells = query.columns * query.rows;
  const perObject = sizes.valueChannels * cells;
  const memoryValues = space.take(frames.length * ids.length * perObject);
  const valid = new Float32Array(ids.length * frames.length);
  const given = new Float32Array(valid.length);
  const previousMasks = new Float32Array(ids.length * cells);
  ids.forEach((id, n) => {
    frames.forEach(({ objects }, t) => {
      const known = objects.get(id);
      const at = (t * ids.length + n) * perObject;
      if (!known) {
        memoryValues.fill(0, at, at + perObject);
        return;
      }
      memoryValues.set(known.values, at);
      valid[n * frames.length + t] = 1;
      given[n * frames.length + t] = known.isGiven ? 1 : 0;
    });
    const mask = previous(id);
    if (mask) unpackHalfs(mask, previousMasks, n * cells);
  });
  return { query, frames: frames.length, objects: ids.length, memoryKeys, memoryValues, valid, given, previousMasks };
}
