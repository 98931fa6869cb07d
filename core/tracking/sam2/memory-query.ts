import type { Sam2MemoryQuery, Sam2Settings } from '../../../contracts/sam2-network';
import { unpackBfloats } from './bfloat16';
import type { MemorySelection } from './object-memory';

/** Ids in groups that are alike, in their order, each of at most as many as `most` says for its first. */
export function groupObjects(ids: readonly number[], likeness: (id: number) => string, most: (id: number) => number): number[][] {
  const open = new Map<string, number[]>();
  const groups: number[][] = [];
  for (const id of ids) {
    const key = likeness(id);
    const group = open.get(key);
    if (group && group.length < most(group[0]!)) group.push(id);
    else {
      const fresh = [id];
      open.set(key, fresh);
      groups.push(fresh);
    }
  }
  return groups;
}

/** The query for objects that remember as many frames and pointers each. */
export function buildMemoryQuery(selections: readonly MemorySelection[], { hidden_dim: channels }: Sam2Settings): Sam2MemoryQuery {
  const objects = selections.length;
  const { memories, pointers } = selections[0]!;
  const [frames, pointersPerObject, size] = [memories.length, pointers.length, memories[0]!.memory.length];
  const query = {
    objects,
    frames,
    pointersPerObject,
    memory: new Float32Array(objects * frames * size),
    times: new Float32Array(objects * frames),
    pointers: new Float32Array(objects * pointersPerObject * channels),
    distances: new Float32Array(objects * pointersPerObject),
  };
  selections.forEach((selection, n) => {
    selection.memories.forEach(({ time, memory }, t) => {
      unpackBfloats(memory, query.memory, (n * frames + t) * size);
      query.times[n * frames + t] = time;
    });
    selection.pointers.forEach(({ distance, pointer }, p) => {
      query.pointers.set(pointer, (n * pointersPerObject + p) * channels);
      query.distances[n * pointersPerObject + p] = distance;
    });
  });
  return query;
}
