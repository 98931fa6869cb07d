import type { FrameKey, MemoryNetwork } from '../../../contracts/memory-network';
import type { Competition } from './competition';
import { packHalfs, unpackHalfs } from '../float16';
import type { ObjectMemory } from './memory-bank';

/** Masks of a frame by object id: [cells], 0..1. */
export type CellMasks = ReadonlyMap<number, Float32Array>;

/** What the values of one object on a frame are made of; this is what a snapshot keeps. */
export interface MemorySource {
  readonly id: number;
  /** Packed halfs, [cells]. */
  readonly mask: Uint16Array;
  readonly others: Uint16Array;
  /**
   * Objects in the network run that made the values. A run over other numbers of objects may round otherwise (not on a CPU, but on
   * a GPU), so the same number is used again after a restore.
   */
  readonly runSize: number;
  /** The mask was given on this frame, not tracked. */
  readonly isGiven: boolean;
}

/** Objects in one network run: one, or this many (empty masks in the places left over). */
const OBJECTS_PER_RUN = 8;
/** From so many objects on a run over OBJECTS_PER_RUN is quicker than one for each. */
const WORTH_A_RUN = 3;

/** What is to be remembered of some of the objects of a frame, whose masks were either given there or tracked. */
export function rememberObjects(
  ids: readonly number[],
  isGiven: boolean,
  frame: FrameKey,
  masks: CellMasks,
  competition: Competition,
  network: MemoryNetwork,
  signal?: AbortSignal,
): Promise<Map<number, ObjectMemory>> {
  const runSize = ids.length >= WORTH_A_RUN ? OBJECTS_PER_RUN : 1;
  const sources = ids.map((id) => ({ id, mask: packHalfs(masks.get(id)!), others: packHalfs(othersOf(id, masks, competition)), runSize, isGiven }));
  return makeValues(sources, frame, network, signal);
}

/** Values from their sources, in as many network runs as it takes. */
export async function makeValues(sources: readonly MemorySource[], frame: FrameKey, network: MemoryNetwork, signal?: AbortSignal): Promise<Map<number, ObjectMemory>> {
  const cells = frame.columns * frame.rows;
  const perObject = network.sizes.valueChannels * cells;
  const memories = new Map<number, ObjectMemory>();
  for (const runSize of new Set(sources.map((source) => source.runSize))) {
    const alike = sources.filter((source) => source.runSize === runSize);
    for (let from = 0; from < alike.length; from += runSize) {
      const part = alike.slice(from, from + runSize);
      const masks = new Float32Array(runSize * cells);
      const others = new Float32Array(runSize * cells);
      part.forEach((source, n) => {
        unpackHalfs(source.mask, masks, n * cells);
        unpackHalfs(source.others, others, n * cells);
      });
      const values = await network.value(frame, runSize, masks, others, signal);
      part.forEach(({ id, ...source }, n) => memories.set(id, { ...source, values: values.slice(n * perObject, (n + 1) * perObject) }));
    }
  }
  return memories;
}

/** Sum of the masks that an object competes with, at most 1. */
function othersOf(id: number, masks: CellMasks, competition: Competition): Float32Array {
  const partners = competition.partnersOf(id);
  const out = new Float32Array(masks.get(id)!.length);
  for (const [other, mask] of masks) {
    if (other === id || partners.has(other)) continue;
    for (let i = 0; i < out.length; i++) out[i]! += mask[i]!;
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.min(1, out[i]!);
  return out;
}
