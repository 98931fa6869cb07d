/** What became of an object's ID over a time out of sight; `not found`: nothing matched the object before it, or soon after it. */
export type ReturnOutcome = 'kept' | 'changed' | 'not found';

/** One time that an object came back into sight. */
export interface ObjectReturn {
  /** First labelled frame that shows the object again. */
  readonly frame: number;
  /** Labelled frames before it on which the truth does not show the object. */
  readonly hiddenFrames: number;
  /** ID that followed the object before, and the one that follows it after; null for none. */
  readonly before: number | null;
  readonly after: number | null;
  readonly outcome: ReturnOutcome;
}

/** How the IDs of one object of the truth held. */
export interface ObjectReturns {
  readonly returns: readonly ObjectReturn[];
  /** Changes of ID while the object was in sight, or hidden only briefly: all that lie at no return. */
  readonly switchesOutsideReturns: number;
}

/** Sums over all objects. */
export interface ReturnCounts {
  /** kept + changed + notFound; the truth alone decides it. */
  readonly returns: number;
  readonly kept: number;
  readonly changed: number;
  readonly notFound: number;
  readonly switchesOutsideReturns: number;
}

/** Labelled frames without the object from which its coming back is a return. */
export const MIN_HIDDEN_FRAMES = 3;
/** Matches before the gap among which the ID is looked for: on its last visible pixels an object may match anything. */
const MATCHES_BEFORE = 3;
/** Labelled frames, the first one that shows the object included, within which it must be found again. */
export const FOUND_WITHIN_FRAMES = 12;

/** A return that is being watched. */
interface OpenReturn extends Pick<ObjectReturn, 'frame' | 'hiddenFrames' | 'before'> {
  readonly since: number;
  readonly matches: number[];
}

interface ObjectState {
  /** Number of the last labelled frame that showed the object. */
  seenAt: number;
  /** The last matches, newest last. */
  recent: number[];
  /** A return came after the last match. */
  isBack: boolean;
  open: OpenReturn | null;
  readonly done: ObjectReturn[];
  switchesOutside: number;
}

/**
 * Whether objects that were out of sight (hidden, or out of the picture) come back under their ID. A return is the first frame that
 * shows an object after at least MIN_HIDDEN_FRAMES labelled frames that do not. The ID before is the most frequent among the last three matches, the
 * ID after the most frequent match within FOUND_WITHIN_FRAMES labelled frames (or until it is hidden that long again); of equals
 * the latest. A change of ID lies at a return when it is on the first match after it, and else outside returns.
 *
 * Streaming: call `addFrame` for every labelled frame in order, then `result`. Memory grows with objects and returns, not with frames.
 */
export class ReturnScorer {
  private readonly states = new Map<number, ObjectState>();
  private now = -1;

  /**
   * @param frame as it is to be named in the result
   * @param matches the objects that the truth shows on this frame, each with the ID that matches it at IoU 0.5, or null
   */
  addFrame(frame: number, matches: ReadonlyMap<number, number | null>): void {
    this.now++;
    for (const [object, match] of matches) this.noteSeen(this.stateOf(object), frame, match);
  }

  /** By ascending object. */
  result(): Map<number, ObjectReturns> {
    const found = [...this.states].sort((a, b) => a[0] - b[0]).map(([object, { done, open, switchesOutside }]) => {
      const returns = open === null ? done : [...done, closeReturn(open)];
      return [object, { returns, switchesOutsideReturns: switchesOutside }] as const;
    });
    return new Map(found);
  }

  private noteSeen(state: ObjectState, frame: number, match: number | null): void {
    const hiddenFrames = this.now - state.seenAt - 1;
    state.seenAt = this.now;
    if (state.open !== null && (hiddenFrames >= MIN_HIDDEN_FRAMES || this.now - state.open.since >= FOUND_WITHIN_FRAMES)) {
      state.done.push(closeReturn(state.open));
      state.open = null;
    }
    if (hiddenFrames >= MIN_HIDDEN_FRAMES) {
      state.open = { frame, hiddenFrames, before: mostFrequent(state.recent), since: this.now, matches: [] };
      state.isBack = true;
    }
    if (match === null) return;
    const last = state.recent.at(-1);
    if (last !== undefined && last !== match && !state.isBack) state.switchesOutside++;
    // What was matched before the gap says nothing about the ID after it.
    state.recent = state.isBack ? [match] : [...state.recent.slice(1 - MATCHES_BEFORE), match];
    state.isBack = false;
    state.open?.matches.push(match);
  }

  private stateOf(object: number): ObjectState {
    let state = this.states.get(object);
    if (!state) {
      state = { seenAt: this.now - 1, recent: [], isBack: false, open: null, done: [], switchesOutside: 0 };
      this.states.set(object, state);
    }
    return state;
  }
}

/** Sums over objects. */
export function countReturns(objects: Iterable<ObjectReturns>): ReturnCounts {
  const list = [...objects];
  const returns = list.flatMap((object) => object.returns);
  const count = (outcome: ReturnOutcome): number => returns.filter((one) => one.outcome === outcome).length;
  const switchesOutsideReturns = list.reduce((sum, object) => sum + object.switchesOutsideReturns, 0);
  return { returns: returns.length, kept: count('kept'), changed: count('changed'), notFound: count('not found'), switchesOutsideReturns };
}

function closeReturn({ frame, hiddenFrames, before, matches }: OpenReturn): ObjectReturn {
  const after = mostFrequent(matches);
  const outcome = before === null || after === null ? 'not found' : before === after ? 'kept' : 'changed';
  return { frame, hiddenFrames, before, after, outcome };
}

/** The most frequent value, of equals the one that came last; null of none. */
function mostFrequent(values: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: number | null = null;
  for (const value of values) if (best === null || counts.get(value)! >= counts.get(best)!) best = value;
  return best;
}
