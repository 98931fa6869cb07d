import type { Edit, TrailLine } from '../../contracts/edits';
import { EditedObjects } from './edited-objects';
import type { Presence } from './presence';
import { UsedIds } from './used-ids';

/** An edit that holds, with its number in the trail. */
export interface ActiveEdit {
  readonly number: number;
  readonly edit: Edit;
}

/** The edits of a trail that were not undone, in order. @throws RangeError when an undo takes back something else than the last of them */
export function activeEdits(trail: readonly TrailLine[]): ActiveEdit[] {
  const active: ActiveEdit[] = [];
  for (const { number, edit } of trail) {
    if (edit.edit === 'overlay') continue;
    if (edit.edit !== 'undo') active.push({ number, edit });
    else if (active.pop()?.number !== edit.number) throw new RangeError(`entry ${number} takes back edit ${edit.number}, which was not the last one`);
  }
  return active;
}

/** Whether overlay.mp4 shows the IDs of now: it was drawn after the same edits. Labels are not in it. */
export function isOverlayCurrent(trail: readonly TrailLine[]): boolean {
  const drawn = trail.findLastIndex(({ overlay }) => overlay === 'drawn');
  const shown = (lines: readonly TrailLine[]): string => activeEdits(lines).flatMap(({ number, edit }) => (edit.edit === 'label' ? [] : [number])).join();
  return shown(trail.slice(0, drawn + 1)) === shown(trail);
}

/** The frames at which anything was ever split. */
export function splitFrames(edits: Iterable<{ readonly edit: string; readonly frame?: number }>): number[] {
  return [...edits].flatMap(({ edit, frame }) => (edit === 'split' && frame !== undefined ? [frame] : []));
}

/**
 * The objects after the edits of a trail, from the original. IDs of undone edits count as used.
 * @param knownIds IDs that the original has or had without any mask. @throws RangeError when the trail does not fit the original
 */
export function replayTrail(presence: Presence, labels: ReadonlyMap<number, string>, trail: readonly TrailLine[], knownIds: Iterable<number> = []): { objects: EditedObjects; used: UsedIds } {
  const used = new UsedIds();
  for (const id of knownIds) used.claim(id, id);
  let objects = new EditedObjects(presence, used, labels);
  let isBehind = false;
  const catchUp = (lines: readonly TrailLine[]): void => {
    objects = new EditedObjects(presence, used, labels);
    for (const { edit } of activeEdits(lines)) objects.apply(edit);
    isBehind = false;
  };
  trail.forEach(({ edit }, i) => {
    if (edit.edit === 'overlay') return;
    if (edit.edit === 'undo') return void (isBehind = true);
    if (isBehind) catchUp(trail.slice(0, i));
    objects.apply(edit);
  });
  if (isBehind) catchUp(trail);
  return { objects, used };
}
