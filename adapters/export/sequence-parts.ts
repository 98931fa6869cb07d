import type { ExportSource } from './types';

/** Some objects of a result as a sequence of their own. */
export interface SequencePart {
  readonly sequence: string;
  /** Our ID -> the number that the object has in this sequence. */
  readonly values: ReadonlyMap<number, number>;
}

/**
 * Divide the objects among sequences of at most `capacity`, for formats that hold no more. While every ID is at most `capacity`,
 * there is one sequence and an object's number is its ID; else the objects are counted in the order of their IDs, `capacity` to a
 * sequence, from 1 in each, and with several sequences their names end in -1, -2, …
 */
export function splitSequences({ sequence, objects }: Pick<ExportSource, 'sequence' | 'objects'>, capacity: number): SequencePart[] {
  const ids = objects.map(({ id }) => id);
  if (ids.every((id) => id <= capacity)) return [{ sequence, values: new Map(ids.map((id) => [id, id])) }];
  const count = Math.ceil(ids.length / capacity);
  return Array.from({ length: count }, (_, part) => ({
    sequence: count === 1 ? sequence : `${sequence}-${part + 1}`,
    values: new Map(ids.slice(part * capacity, (part + 1) * capacity).map((id, i) => [id, i + 1])),
  }));
}

/** What to say about it, or nothing while the numbers are the IDs. */
export function describeParts(parts: readonly SequencePart[], capacity: number): string[] {
  if (parts.length > 1) return [`It holds ${capacity} objects per sequence: they are divided among ${parts.length} sequences and renumbered; objects.csv says which is which.`];
  if ([...parts[0]!.values].some(([id, value]) => id !== value)) return [`Its numbers end at ${capacity}, the IDs are higher: the objects are renumbered; objects.csv says which is which.`];
  return [];
}
