import type { Edit, TrailLine, WantedEdit } from '../../contracts/edits';
import { inUserWords } from '../../contracts/in-user-words';
import type { EditedObjects } from '../../core/edit/edited-objects';
import { findMoments } from '../../core/edit/find-moment';
import { FrameIntervals } from '../../core/edit/frame-intervals';
import { Presence } from '../../core/edit/presence';
import { activeEdits, replayTrail, splitFrames } from '../../core/edit/replay-trail';
import { UnitedFrames } from '../../core/edit/united-frames';
import { labelsOf } from '../../core/pipeline/labels-of';
import { VamgError } from '../../contracts/errors';
import type { OriginalResult } from './original-result';

/** What the user asks for; `replay` does the edits that hold once more and adds none. */
export type Request = { readonly kind: 'edits'; readonly edits: readonly WantedEdit[] } | { readonly kind: 'undo' } | { readonly kind: 'overlay' } | { readonly kind: 'replay' };

/** An edit that is to be written into the trail. */
export interface PlannedLine {
  readonly edit: TrailLine['edit'];
  readonly masks: number;
  readonly objects: number;
  /** Of a merge: counts while the lines of the original pass. */
  readonly united: UnitedFrames | null;
}

/** Everything that is known before a file is written. */
export interface EditPlan {
  readonly lines: readonly PlannedLine[];
  /** The objects as they will be. */
  readonly objects: EditedObjects;
  readonly intervals: FrameIntervals;
  /** Edits that will hold. */
  readonly active: number;
  /** Processed frames. */
  readonly positions: number;
  /** Objects there are before. */
  readonly objectsBefore: number;
}

/**
 * Check a request against the result and decide what it does; one pass over the original masks, two when a time is named.
 * @throws VamgError BadConfig with one sentence, CorruptArtifact
 */
export async function planEdits(original: OriginalResult, trail: readonly TrailLine[], request: Request): Promise<EditPlan> {
  const wanted = request.kind === 'edits' ? request.edits : [];
  const frames = await momentFrames(original, wanted);
  const intervals = new FrameIntervals([...splitFrames(trail.map(({ edit }) => edit)), ...frames.values()]);
  const presence = new Presence(intervals);
  let positions = 0;
  for await (const { line } of original.lines()) {
    presence.add(line);
    positions++;
  }
  const { objects: listed } = await original.summary();
  const labels = labelsOf(listed);
  const knownIds = [...listed, ...((await original.stitchReport())?.objects ?? [])].map(({ id }) => id);
  const replay = (lines: readonly TrailLine[]) => replayOrSay(() => replayTrail(presence, labels, lines, knownIds));
  const { objects, used } = replay(trail);
  const objectsBefore = objects.count;
  const common = { intervals, positions, objectsBefore };
  if (request.kind === 'replay') return { ...common, objects, active: activeEdits(trail).length, lines: [] };
  if (request.kind === 'overlay') return { ...common, objects, active: activeEdits(trail).length, lines: [{ edit: { edit: 'overlay' }, masks: 0, objects: objects.count, united: null }] };
  if (request.kind === 'undo') {
    const last = activeEdits(trail).at(-1);
    if (last === undefined) throw new VamgError('BadConfig', 'There is nothing to undo: this result is as it was made.');
    const edit = { edit: 'undo', number: last.number } as const;
    const { masks } = trail[last.number - 1]!.changed;
    const undone = replay([...trail, { ...trail.at(-1)!, number: trail.length + 1, edit }]).objects;
    return { ...common, objects: undone, active: activeEdits(trail).length - 1, lines: [{ edit, masks, objects: undone.count, united: null }] };
  }
  const lines = wanted.map((one, i): PlannedLine => {
    const edit = resolveEdit(one, frames, () => used.next());
    const united = edit.edit === 'merge' ? new UnitedFrames(objects.freeze(edit.ids), edit.ids) : null;
    const about = wanted.length === 1 ? '' : `Edit ${i + 1} (${edit.edit}) of ${wanted.length}: `;
    const masks = inUserWords(() => sentence(() => objects.apply(edit), about === ''), about);
    return { edit, masks, objects: objects.count, united };
  });
  return { ...common, objects, active: activeEdits(trail).length + lines.length, lines };
}

async function momentFrames(original: OriginalResult, wanted: readonly WantedEdit[]): Promise<ReadonlyMap<string | number, number>> {
  const moments = wanted.flatMap((edit) => (edit.edit === 'split' ? [edit.at] : []));
  async function* times(): AsyncGenerator<{ frame: number; time: number }> {
    for await (const { line } of original.lines()) yield line;
  }
  try {
    return await findMoments(moments, times());
  } catch (error) {
    throw error instanceof RangeError ? new VamgError('BadConfig', `A split cannot be placed: ${error.message}.`, { cause: error }) : error;
  }
}

function resolveEdit(wanted: WantedEdit, frames: ReadonlyMap<string | number, number>, nextId: () => number): Edit {
  if (wanted.edit === 'merge') return { ...wanted, into: wanted.into ?? wanted.ids[0]! };
  if (wanted.edit === 'split') return { edit: 'split', id: wanted.id, frame: frames.get(wanted.at)!, newId: nextId() };
  return wanted;
}

/** As a sentence of its own. */
function sentence<T>(work: () => T, isAlone: boolean): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`${isAlone ? error.message.charAt(0).toUpperCase() + error.message.slice(1) : error.message}.`, { cause: error });
  }
}

function replayOrSay<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new VamgError('CorruptArtifact', `The edits of this result do not fit its original masks (${cause.message}); put back copies of edits.jsonl and original/ that belong together.`, { cause });
  }
}
