import type { DeaotMemory, DeaotSettings } from '../../../contracts/deaot-network';
import { readValues, type StoredValues } from './stored-values';

/** What is remembered of one frame. */
export interface GroupFrame {
  readonly position: number;
  /** Object IDs by identity, the first at index 0; 0 where an identity was nobody's. */
  readonly ids: readonly number[];
  /** Objects whose masks were given here; empty on a tracked frame. */
  readonly given: ReadonlySet<number>;
  readonly kept: StoredValues;
  readonly identified: StoredValues;
}

/** The current frame, whose masks can still be changed. */
export interface CurrentMasks {
  /** [height, width] of the network's input: numbers of identities. */
  readonly labels: Uint8Array;
  readonly pending: StoredValues;
}

/**
 * Objects that share one bank of identities and one memory (aot_engine.py, `AOTEngine`): at most `max_obj_num`. The short-term memory is one of the last
 * frames. The long-term memory holds the frames on which objects were given, and a tracked one every `long_term_mem_gap` frames. Upstream lets it
 * grow; here the oldest tracked frame goes when there are more than `max_len_long_term`, but never an object's first and last
 * given one. An identity is given to another object only when no remembered frame knows it.
 */
export class IdentityGroup {
  /** Object IDs by identity; 0 for none. */
  ids: number[];
  /** By ascending position, or descending in a backward pass. */
  long: GroupFrame[] = [];
  /** The last frames, the newest last. */
  short: GroupFrame[] = [];
  current: CurrentMasks | undefined;
  lastMemory = 0;

  constructor(private readonly rules: Pick<DeaotSettings, 'max_obj_num' | 'long_term_mem_gap' | 'short_term_mem_skip' | 'max_len_long_term'>) {
    this.ids = new Array<number>(rules.max_obj_num).fill(0);
  }

  liveIds(): number[] {
    return this.ids.filter((id) => id !== 0);
  }

  /** Number of an object's identity, from 1; 0 for an object of another group. */
  identityOf(id: number): number {
    return this.ids.indexOf(id) + 1;
  }

  hasRoom(): boolean {
    return this.freeIdentity() !== 0;
  }

  /** Gives the object's identity. @throws RangeError when there is none left */
  add(id: number): number {
    const identity = this.freeIdentity();
    if (identity === 0) throw new RangeError('a group has no identity left');
    this.ids[identity - 1] = id;
    return identity;
  }

  remove(id: number): void {
    const identity = this.identityOf(id);
    if (identity === 0) return;
    this.ids[identity - 1] = 0;
    const labels = this.current?.labels;
    if (labels) labels.forEach((own, i) => own === identity && (labels[i] = 0));
  }

  /** A frame on which masks were given: it takes the place of what is remembered of it, and is the whole short-term memory. */
  addReference(frame: GroupFrame, current: CurrentMasks): void {
    const before = this.long.find(({ position }) => position === frame.position);
    const given = new Set([...(before?.given ?? []), ...frame.given]);
    this.putLong({ ...frame, given });
    this.short = [{ ...frame, given }];
    this.current = current;
    this.lastMemory = frame.position;
  }

  addTracked(frame: GroupFrame, current: CurrentMasks): void {
    this.short = [...this.short, frame].slice(-this.rules.short_term_mem_skip);
    this.current = current;
    if (Math.abs(frame.position - this.lastMemory) < this.rules.long_term_mem_gap) return;
    this.putLong(frame);
    this.lastMemory = frame.position;
  }

  /** The masks of the current frame were changed by those of another group. */
  replaceCurrent(identified: StoredValues): void {
    const newest = this.short.at(-1)!;
    const replace = (frame: GroupFrame): GroupFrame => (frame.position === newest.position ? { ...frame, identified } : frame);
    this.short = this.short.map(replace);
    this.long = this.long.map(replace);
  }

  longMemory(): DeaotMemory {
    return memoryOf(this.long);
  }

  shortMemory(): DeaotMemory {
    return memoryOf(this.short.slice(0, 1));
  }

  private putLong(frame: GroupFrame): void {
    this.long = [...this.long.filter(({ position }) => position !== frame.position), frame];
    while (this.long.length > this.rules.max_len_long_term) {
      const references = this.references();
      const oldest = this.long.findIndex((known) => !references.has(known));
      if (oldest < 0) return;
      this.long.splice(oldest, 1);
    }
  }

  /** The first and the last frame on which each object was given. */
  private references(): Set<GroupFrame> {
    return new Set(
      this.liveIds().flatMap((id) => {
        const own = this.long.filter(({ given }) => given.has(id));
        return own.length === 0 ? [] : [own[0]!, own.at(-1)!];
      }),
    );
  }

  private freeIdentity(): number {
    const remembered = [...this.long, ...this.short];
    return this.ids.findIndex((id, i) => id === 0 && remembered.every(({ ids }) => ids[i] === 0)) + 1;
  }
}

function memoryOf(frames: readonly GroupFrame[]): DeaotMemory {
  return { kept: readValues(frames.map(({ kept }) => kept)), identified: readValues(frames.map(({ identified }) => identified)) };
}
