import { STAGES } from '../../contracts/artefact-manifest';
import type { ObjectStore } from './object-store';

/** What a folder of the store is for. */
export type StorePart = (typeof STAGES)[number] | 'data' | 'checkpoints' | 'corrections' | 'archive' | 'source' | 'other';

export interface PartUse {
  readonly part: StorePart;
  readonly objects: number;
  readonly bytes: number;
  /** When its oldest object was written; milliseconds since 1970. */
  readonly oldestMs: number;
}

const PARTS: readonly string[] = [...STAGES, 'data', 'checkpoints', 'corrections', 'archive', 'source'];

/** Count what a store holds, by part; parts with nothing in them are left out. Lists every object: minutes for millions. */
export async function takeInventory(objects: ObjectStore): Promise<PartUse[]> {
  const found = new Map<string, { objects: number; bytes: number; oldestMs: number }>();
  for await (const { key, bytes, modifiedAtMs } of objects.list('v1/')) {
    const folder = key.split('/')[1]!;
    const part = PARTS.includes(folder) ? folder : 'other';
    const use = found.get(part) ?? { objects: 0, bytes: 0, oldestMs: Infinity };
    found.set(part, { objects: use.objects + 1, bytes: use.bytes + bytes, oldestMs: Math.min(use.oldestMs, modifiedAtMs) });
  }
  return [...found].map(([part, use]) => ({ part: part as StorePart, ...use })).sort((a, b) => b.bytes - a.bytes);
}
