import type { FrameKey } from '../../../contracts/memory-network';
import { exchangeEntries } from '../exchange-entries';
import { createSchedule, FULL_BANK, keepForGood, keepForNow, keptFrames, type BankLimits, type BankSchedule } from './bank-schedule';

/** 0.5 as a half; those of 0..1 are in the order of their bits. */
const HALF = 0x3800;

/** What one frame knows of one object; packed halfs (see packHalfs). */
export interface ObjectMemory {
  /** [cells] where the object was, 0..1; zeros when it was absent. */
  readonly mask: Uint16Array;
  /** [cells] its competitors together, 0..1. With the mask it is what the values were made of. */
  readonly others: Uint16Array;
  /** See MemorySource. */
  readonly runSize: number;
  readonly isGiven: boolean;
  /** [valueChannels, cells] */
  readonly values: Uint16Array;
}

export interface MemoryFrame {
  /** Number since the session's start. */
  readonly index: number;
  readonly key: FrameKey;
  readonly objects: Map<number, ObjectMemory>;
}

/** The remembered frames of one session: which (BankSchedule), and what they know of each object. Bounded in time. */
export class MemoryBank {
  private readonly byIndex = new Map<number, MemoryFrame>();

  constructor(
    readonly schedule: BankSchedule = createSchedule(),
    frames: readonly MemoryFrame[] = [],
    private readonly limits: BankLimits = FULL_BANK,
  ) {
    for (const frame of frames) this.byIndex.set(frame.index, frame);
  }

  /** Remembered frames, ascending; one on which all objects are lost knows none. */
  frames(): MemoryFrame[] {
    return [...this.byIndex.values()].sort((a, b) => a.index - b.index);
  }

  frame(index: number): MemoryFrame | undefined {
    return this.byIndex.get(index);
  }

  /** Takes in a tracked frame with all its objects. */
  addTracked(frame: MemoryFrame): void {
    this.byIndex.set(frame.index, frame);
    keepForNow(this.schedule, frame.index, this.limits);
    this.forgetOthers();
  }

  /** Takes in masks that were given on a frame; what it knows of other objects stays. */
  addGiven(index: number, key: FrameKey, given: ReadonlyMap<number, ObjectMemory>): void {
    const frame = this.byIndex.get(index) ?? { index, key, objects: new Map<number, ObjectMemory>() };
    for (const [id, memory] of given) frame.objects.set(id, memory);
    this.byIndex.set(index, frame);
    keepForGood(this.schedule, index, this.limits, (frame) => this.onlyShownOn(frame));
    this.forgetOthers();
  }

  /** Forgets objects, and frames that know no other. */
  remove(ids: readonly number[]): void {
    for (const [index, { objects }] of this.byIndex) {
      for (const id of ids) objects.delete(id);
      if (objects.size === 0) this.byIndex.delete(index);
    }
    this.schedule.permanent = this.schedule.permanent.filter((index) => this.byIndex.has(index));
  }

  /** What is known of one object becomes what is known of another, of which only what is older stays. */
  succeed(from: number, to: number): void {
    let isKnown = false;
    for (const { objects } of this.frames()) {
      const memory = objects.get(from);
      isKnown ||= memory !== undefined;
      if (isKnown) objects.delete(to);
      if (memory) objects.set(to, memory);
    }
    this.remove([from]);
  }

  /** What is known of two objects changes hands. */
  exchange(a: number, b: number): void {
    for (const { objects } of this.byIndex.values()) exchangeEntries(objects, a, b);
  }

  /** Forgets what the recent frames know of an object, but for masks that were given. */
  forgetRecent(id: number): void {
    this.forgetTracked(id, (index) => this.schedule.recent.includes(index));
  }

  /** Forgets what frames from this one on know of an object, but for masks that were given. */
  forgetSince(id: number, first: number): void {
    this.forgetTracked(id, (index) => index >= first);
  }

  private forgetTracked(id: number, isMeant: (index: number) => boolean): void {
    for (const { index, objects } of this.byIndex.values()) if (isMeant(index) && objects.get(id)?.isGiven === false) objects.delete(id);
  }

  /** How many objects are seen on this frame and on no other that is kept for long. */
  private onlyShownOn(index: number): number {
    const { permanent, longTerm } = this.schedule;
    const others = [...new Set([...permanent, ...longTerm])].filter((other) => other !== index).flatMap((other) => this.byIndex.get(other) ?? []);
    const objects = this.byIndex.get(index)?.objects ?? new Map<number, ObjectMemory>();
    return [...objects].filter(([id, memory]) => isSeen(memory) && !others.some((other) => isSeen(other.objects.get(id)))).length;
  }

  private forgetOthers(): void {
    const kept = new Set(keptFrames(this.schedule));
    for (const index of this.byIndex.keys()) if (!kept.has(index)) this.byIndex.delete(index);
  }
}

function isSeen(memory: ObjectMemory | undefined): boolean {
  return memory !== undefined && memory.mask.some((half) => half >= HALF);
}
