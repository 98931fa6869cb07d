import type { FrameKey, MemoryNetwork } from '../../../contracts/memory-network';
import type { Competition } from './competition';
import { packHalfs, unpackHalfs } from './float16';
import type { ObjectMemory } from './memory-bank';

/** Masks of a frame by object id: [cells], 0..1. */
export type CellMasks = ReadonlyMap<number, Float32Array>;

/** Sum of the masks that an object competes with, at most 1. */
export function othersOf(id: number, masks: CellMasks, competition: Competition): Float32Array {
  const partners = competition.partnersOf(id);
  const out = new Float32Array(masks.get(id)!.length);
  for (const [other, mask] of masks) {
    if (other === id || partners.has(other)) continue;
    for (let i = 0; i < out.length; i++) out[i]! += mask[i]!;
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.min(1, out[i]!);
  return out;
}

/**
 * What is to be remembered of some of the objects of a frame. One network run per object, each made of nothing but what a
 * snapshot keeps: a restored session repeats the same runs and has the same values, bit for bit.
 */
export async function rememberObjects(
  ids: readonly number[],
  frame: FrameKey,
  masks: CellMasks,
  competition: Competition,
  network: MemoryNetwork,
  signal?: AbortSignal,
): Promise<Map<number, ObjectMemory>> {
  const memories = new Map<number, ObjectMemory>();
  for (const id of ids) memories.set(id, await rememberObject(packHalfs(masks.get(id)!), packHalfs(othersOf(id, masks, competition)), frame, network, signal));
  return memories;
}

/** The values of one object from its packed mask and that of its competitors. */
export async function rememberObject(mask: Uint16Array, others: Uint16Array, frame: FrameKey, network: MemoryNetwork, signal?: AbortSignal): Promise<ObjectMemory> {
  return { mask, others, values: packHalfs(await network.value(frame, unpackHalfs(mask), unpackHalfs(others), signal)) };
}
