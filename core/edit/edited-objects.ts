import type { Edit } from '../../contracts/edits';
import type { Presence, Span } from './presence';
import type { UsedIds } from './used-ids';

type Of<K extends Edit['edit']> = Extract<Edit, { edit: K }>;

/**
 * The objects of a result while edits are done to them, one after another. An edit never looks at masks: it only decides which ID the
 * masks of an object of the original have from some frame on, so that all edits together are one pass over the original.
 */
export class EditedObjects {
  /** Original ID -> ID now, for each interval of frames; 0 is deleted. */
  private readonly targets = new Map<number, number[]>();
  /** ID now -> the object's identity (see UsedIds). */
  private readonly objects = new Map<number, number>();
  private readonly names: Map<number, string>;

  /** @param labels the user's names in the original result, by ID */
  constructor(
    private readonly presence: Presence,
    private readonly used: UsedIds,
    labels: ReadonlyMap<number, string>,
  ) {
    for (const id of presence.ids()) {
      this.targets.set(id, new Array<number>(presence.intervals.count).fill(id));
      this.objects.set(id, id);
      used.claim(id, id);
    }
    this.names = new Map([...labels].filter(([id]) => this.objects.has(id)));
  }

  get count(): number {
    return this.objects.size;
  }

  /** The user's names, by ID. */
  get labels(): ReadonlyMap<number, string> {
    return this.names;
  }

  /** The ID that the masks of an object of the original have on a frame; 0 when they were deleted. An ID that no mask has stays as it is. */
  idAt(originalId: number, frame: number): number {
    return this.targets.get(originalId)?.[this.presence.intervals.indexOf(frame)] ?? originalId;
  }

  /** What `idAt` answers now for masks of these objects, also after later edits; 0 for masks of others. */
  freeze(ids: readonly number[]): (originalId: number, frame: number) => number {
    const targets = new Map([...this.targets].flatMap(([id, list]) => (list.some((target) => ids.includes(target)) ? [[id, list.slice()] as const] : [])));
    return (originalId, frame) => targets.get(originalId)?.[this.presence.intervals.indexOf(frame)] ?? 0;
  }

  /** Do an edit. @returns masks of the original whose ID it changes. @throws RangeError with a sentence for the user; nothing is done then */
  apply(edit: Edit): number {
    switch (edit.edit) {
      case 'merge':
        return this.merge(edit);
      case 'split':
        return this.split(edit);
      case 'delete':
        return this.remove(edit);
      case 'rename':
        return this.rename(edit);
      case 'label':
        return this.label(edit);
    }
  }

  private merge({ ids, into }: Of<'merge'>): number {
    this.checkAll(ids, 'merging needs different objects');
    const isOneOfThem = ids.includes(into);
    const object = isOneOfThem ? this.objects.get(into)! : Math.min(...ids.map((id) => this.objects.get(id)!));
    if (!this.used.mayHave(into, object)) throw new RangeError(`number ${into} is or was another object's, and no number is used twice; ${this.used.next()} is free`);
    const label = [into, ...[...ids].sort((a, b) => a - b)].map((id) => this.names.get(id)).find((name) => name !== undefined);
    const masks = this.retarget((id) => (ids.includes(id) ? into : id));
    for (const id of ids) this.forget(id);
    this.add(into, object, label);
    return masks;
  }

  private split({ id, frame, newId }: Of<'split'>): number {
    this.check(id);
    if (!this.used.mayHave(newId, newId)) throw new RangeError(`number ${newId} is taken`);
    const at = this.presence.intervals.indexOf(frame);
    const seen = this.spansOf(id);
    const [first, last] = [Math.min(...seen.map(({ span }) => span.firstFrame)), Math.max(...seen.map(({ span }) => span.lastFrame))];
    if (!seen.some(({ interval }) => interval < at) || !seen.some(({ interval }) => interval >= at))
      throw new RangeError(first === last ? `object ${id} is seen on frame ${first} alone, so it cannot be split` : `object ${id} is seen from frame ${first} to ${last}, so frame ${frame} does not split it; give one from ${first + 1} to ${last}`);
    const masks = this.retarget((target, interval) => (target === id && interval >= at ? newId : target));
    this.add(newId, newId, undefined);
    return masks;
  }

  private remove({ ids }: Of<'delete'>): number {
    this.checkAll(ids, 'name each object once');
    const masks = this.retarget((id) => (ids.includes(id) ? 0 : id));
    for (const id of ids) this.forget(id);
    return masks;
  }

  private rename({ id, to }: Of<'rename'>): number {
    this.check(id);
    if (id === to) throw new RangeError(`object ${id} has this number already`);
    const object = this.objects.get(id)!;
    if (!this.used.mayHave(to, object)) throw new RangeError(`number ${to} is or was another object's, and no number is used twice; ${this.used.next()} is free (or merge ${id} with the object that has it)`);
    const label = this.names.get(id);
    const masks = this.retarget((target) => (target === id ? to : target));
    this.forget(id);
    this.add(to, object, label);
    return masks;
  }

  private label({ id, label }: Of<'label'>): number {
    this.check(id);
    if ((this.names.get(id) ?? '') === label) throw new RangeError(label === '' ? `object ${id} has no name that could be removed` : `object ${id} is called that already`);
    if (label === '') this.names.delete(id);
    else this.names.set(id, label);
    return 0;
  }

  private checkAll(ids: readonly number[], why: string): void {
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) throw new RangeError(`object ${twice} is named twice; ${why}`);
    for (const id of ids) this.check(id);
  }

  private check(id: number): void {
    if (this.objects.has(id)) return;
    throw new RangeError(this.used.has(id) ? `object ${id} is no longer there: an earlier edit deleted it, merged it or gave it another number` : `there is no object ${id} in this result`);
  }

  private spansOf(id: number): { interval: number; span: Span }[] {
    return [...this.targets].flatMap(([original, list]) =>
      list.flatMap((target, interval) => {
        const span = target === id ? this.presence.span(original, interval) : null;
        return span === null ? [] : [{ interval, span }];
      }),
    );
  }

  private retarget(next: (target: number, interval: number) => number): number {
    let masks = 0;
    for (const [original, list] of this.targets) {
      for (let interval = 0; interval < list.length; interval++) {
        const target = next(list[interval]!, interval);
        if (target === list[interval]) continue;
        masks += this.presence.span(original, interval)?.frames ?? 0;
        list[interval] = target;
      }
    }
    return masks;
  }

  private forget(id: number): void {
    this.objects.delete(id);
    this.names.delete(id);
  }

  private add(id: number, object: number, label: string | undefined): void {
    this.objects.set(id, object);
    this.used.claim(id, object);
    if (label !== undefined) this.names.set(id, label);
  }
}
