import { VamgError } from '../../contracts/errors';

const PART = /^(\d{1,10})(?:-(\d{1,10}))?$/;

/**
 * The objects that `--objects` names, of those that there are: `3,7,20-29`, or `all`. A range names those within it.
 * @throws VamgError BadConfig for other words, and for an object that does not exist
 */
export function parseObjects(text: string, existing: readonly number[]): ReadonlySet<number> {
  if (text.trim() === 'all') return new Set(existing);
  const chosen = new Set<number>();
  for (const part of text.split(',')) {
    const match = PART.exec(part.trim());
    if (match === null) throw new VamgError('BadConfig', `--objects must be IDs such as 3,7,20-29, or all, got '${text.slice(0, 60)}'.`);
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    const found = existing.filter((id) => id >= from && id <= to);
    if (found.length === 0) throw new VamgError('BadConfig', `--objects: this result has no object ${part.trim()}; result.json and the page list those that it has.`);
    for (const id of found) chosen.add(id);
  }
  return chosen;
}
