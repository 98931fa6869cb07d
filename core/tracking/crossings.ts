import { boxArea, boxIntersectionArea, type BoxXyxy } from '../geometry/boxes';
import type { ByteReader, ByteWriter } from './byte-codec';

/** Frames of an object's way that are kept, and least of them on which two must have been apart before they meet. */
const PATH_FRAMES = 12;
const APART_FRAMES = 6;
/** Boxes that share less than this of the smaller one are apart. */
const TOUCHING_SHARE = 0.05;
/** A meeting of more frames is forgotten: by then nobody knows where they would be. */
const LONGEST_MEETING = 60;
/** Objects whose usual areas differ by more are not taken for each other. */
const LIKE_SIZES = 1.6;
/** Share of its usual area that an object shows when it has come out whole. */
const WHOLE_SHARE = 0.5;
/** They went through each other when they are so much nearer to where that leads than to where it does not... */
const NEARER = 0.5;
/** ...and no farther from there than this share of the way. */
const OFF_THE_WAY = 0.35;
/** Of the two ways in which pieces of one mask may be two objects, the one that fits is so much nearer. */
const CLEARLY_NEARER = 0.75;

/** Where an object is on one frame, and how large it is when nothing hides it, in pixels. */
export interface Sighting {
  readonly box: BoxXyxy;
  readonly area: number;
  readonly usualArea: number;
}

interface Meeting {
  readonly a: number;
  readonly b: number;
  /** Last position at which they were apart, from where to where b's centre lay from a's then, and its change per frame. */
  readonly since: number;
  readonly offset: readonly [number, number];
  readonly change: readonly [number, number];
  /** The larger usual area over the smaller one. */
  readonly sizeRatio: number;
}

/** Two tracks of which each has come out where the other should be. */
export interface Exchange {
  readonly a: number;
  readonly b: number;
  /** Position at which they were in the same place, as nearly as they came to it. */
  readonly crossedAt: number;
}

/**
 * Objects that go through each other, one in front of the other. A tracker that follows looks may take one for the other where both look alike: each mask turns round
 * in the middle and goes back with the other object. Where two tracks came from tells it: bodies keep their motion. Whatever the camera does, the way from
 * one to the other goes on as it went before they met, through zero; when it has come back instead, the tracks have changed objects.
 */
export class Crossings {
  /** Boxes by position, oldest first. */
  private readonly paths = new Map<number, readonly { readonly position: number; readonly box: BoxXyxy }[]>();
  private meetings: Meeting[] = [];

  /** Takes in one frame; gives the pairs that have come out exchanged on it. */
  note(position: number, seen: ReadonlyMap<number, Sighting>): Exchange[] {
    const exchanged = this.endMeetings(position, seen);
    this.beginMeetings(position, seen);
    for (const [id, { box }] of seen) this.paths.set(id, [...(this.paths.get(id) ?? []), { position, box }]);
    for (const [id, path] of this.paths) {
      const kept = path.filter((step) => step.position > position - PATH_FRAMES);
      if (kept.length > 0) this.paths.set(id, kept);
      else this.paths.delete(id);
    }
    return exchanged;
  }

  /** Whether an object has met another one and it is not known yet how that ended. */
  isMeeting(id: number): boolean {
    return this.meetings.some(({ a, b }) => a === id || b === id);
  }

  /**
   * An object's mask has come apart into two: which piece is the object, and which of those it has met, and that are lost, the other one is. Null when the pieces are not apart yet, or
   * neither fits the way clearly better. Of several that of the size most alike.
   */
  part(id: number, position: number, pieces: readonly [BoxXyxy, BoxXyxy], isLost: (id: number) => boolean): { readonly other: number; readonly ownIsFirst: boolean; readonly since: number } | null {
    if (areTouching(...pieces)) return null;
    const way = wayBetween(...pieces);
    const met = this.meetings.filter(({ a, b, since }) => (a === id || b === id) && isLost(a === id ? b : a) && position - since <= LONGEST_MEETING);
    for (const meeting of mostAlikeFirst(met)) {
      const [first, second] = offTheWay(wayNow(meeting, position), way);
      if (Math.min(first, second) >= CLEARLY_NEARER * Math.max(first, second)) continue;
      const isA = meeting.a === id;
      return { other: isA ? meeting.b : meeting.a, ownIsFirst: first < second === isA, since: meeting.since };
    }
    return null;
  }

  /** Nothing is known any more of these objects' ways. */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.paths.delete(id);
    this.meetings = this.meetings.filter(({ a, b }) => !ids.includes(a) && !ids.includes(b));
  }

  write(out: ByteWriter): void {
    const paths = [...this.paths].sort(([a], [b]) => a - b);
    out.uint(paths.length);
    for (const [id, path] of paths) {
      out.uint(id).uint(path.length);
      for (const { position, box } of path) for (const value of [position, ...box]) out.float(value);
    }
    out.uint(this.meetings.length);
    for (const { a, b, since, offset, change, sizeRatio } of this.meetings) for (const value of [a, b, since, ...offset, ...change, sizeRatio]) out.float(value);
  }

  static read(from: ByteReader): Crossings {
    const crossings = new Crossings();
    for (let left = from.uint(); left > 0; left--) {
      const id = from.uint();
      crossings.paths.set(id, Array.from({ length: from.uint() }, () => ({ position: from.float(), box: [from.float(), from.float(), from.float(), from.float()] as const })));
    }
    for (let left = from.uint(); left > 0; left--) {
      const [a, b, since] = [from.float(), from.float(), from.float()];
      crossings.meetings.push({ a, b, since, offset: [from.float(), from.float()], change: [from.float(), from.float()], sizeRatio: from.float() });
    }
    return crossings;
  }

  /**
   * Where parts of an object are followed too, they come out with it, some frames before or after: of several such pairs the one whose sizes are most alike is it, and the
   * others wait for it.
   */
  private endMeetings(position: number, seen: ReadonlyMap<number, Sighting>): Exchange[] {
    const exchanged: Exchange[] = [];
    const undecided: Meeting[] = [];
    const taken = new Set<number>();
    const isTaken = ({ a, b }: Meeting): boolean => taken.has(a) || taken.has(b);
    for (const meeting of mostAlikeFirst(this.meetings)) {
      if (isTaken(meeting) || position - meeting.since > LONGEST_MEETING) continue;
      const [a, b] = [seen.get(meeting.a), seen.get(meeting.b)];
      const areOut = a && b && !areTouching(a.box, b.box) && isWhole(a) && isWhole(b);
      if (!areOut) undecided.push(meeting);
      else if (!cameBack(meeting, position, wayBetween(a.box, b.box))) continue;
      else if (undecided.some((other) => areOfOneThing(meeting, other, seen))) undecided.push(meeting);
      else {
        exchanged.push({ a: meeting.a, b: meeting.b, crossedAt: crossedAt(meeting) });
        taken.add(meeting.a).add(meeting.b);
      }
    }
    this.meetings = undecided.filter((meeting) => !isTaken(meeting));
    return exchanged;
  }

  private beginMeetings(position: number, seen: ReadonlyMap<number, Sighting>): void {
    const ids = [...seen.keys()].sort((a, b) => a - b);
    const known = new Set(this.meetings.map(({ a, b }) => `${a} ${b}`));
    for (const [i, a] of ids.entries()) {
      const one = seen.get(a)!;
      for (const b of ids.slice(i + 1)) {
        const other = seen.get(b)!;
        const sizeRatio = Math.max(one.usualArea, other.usualArea) / Math.max(1, Math.min(one.usualArea, other.usualArea));
        if (sizeRatio > LIKE_SIZES || !areTouching(one.box, other.box) || known.has(`${a} ${b}`)) continue;
        const way = this.wayBefore(a, b, position);
        if (way) this.meetings.push({ a, b, ...way, sizeRatio });
      }
    }
  }

  /** How b's centre lay from a's before this frame, when they were apart and came nearer on the frames right before it. */
  private wayBefore(a: number, b: number, position: number): Pick<Meeting, 'since' | 'offset' | 'change'> | null {
    const others = new Map((this.paths.get(b) ?? []).map((step) => [step.position, step.box]));
    const ways: { position: number; way: readonly [number, number] }[] = [];
    for (const step of [...(this.paths.get(a) ?? [])].reverse()) {
      const other = others.get(step.position);
      if (!other) continue;
      if (areTouching(step.box, other)) break;
      ways.push({ position: step.position, way: wayBetween(step.box, other) });
    }
    if (ways.length < APART_FRAMES || position - ways[0]!.position > PATH_FRAMES / 4) return null;
    const change = [slope(ways, 0), slope(ways, 1)] as const;
    const offset = ways[0]!.way;
    return offset[0] * change[0] + offset[1] * change[1] < 0 ? { since: ways[0]!.position, offset, change } : null;
  }
}

/** Whether the way between two objects is now what it would be with both exchanged, and not what it would be with each its own. */
function cameBack(meeting: Meeting, position: number, way: readonly [number, number]): boolean {
  const { since, offset, change } = meeting;
  const expected = wayNow(meeting, position);
  if (expected[0] * offset[0] + expected[1] * offset[1] >= 0) return false;
  const [kept, exchanged] = offTheWay(expected, way);
  return exchanged < NEARER * kept && exchanged < OFF_THE_WAY * Math.hypot(change[0] * (position - since), change[1] * (position - since));
}

/** Where b lies from a when both have gone on as before they met. */
function wayNow({ since, offset, change }: Meeting, position: number): readonly [number, number] {
  return [offset[0] + change[0] * (position - since), offset[1] + change[1] * (position - since)];
}

/** How far a way from the one to the other lies from the expected one, and how far the same way from the other to the one. */
function offTheWay([ex, ey]: readonly [number, number], [x, y]: readonly [number, number]): readonly [number, number] {
  return [Math.hypot(x - ex, y - ey), Math.hypot(-x - ex, -y - ey)];
}

/** By how alike in size both are, then by number. */
function mostAlikeFirst(meetings: readonly Meeting[]): Meeting[] {
  return [...meetings].sort((one, other) => one.sizeRatio - other.sizeRatio || one.a - other.a || one.b - other.b);
}

/** Whether two pairs share one object, and their others are in one place, as part and whole are. */
function areOfOneThing(one: Meeting, other: Meeting, seen: ReadonlyMap<number, Sighting>): boolean {
  for (const [shared, p] of [[one.a, one.b], [one.b, one.a]] as const) {
    if (other.a !== shared && other.b !== shared) continue;
    const [a, b] = [seen.get(p), seen.get(other.a === shared ? other.b : other.a)];
    if (a && b && areTouching(a.box, b.box)) return true;
  }
  return false;
}

/** When they would have been nearest to each other. */
function crossedAt({ since, offset, change }: Meeting): number {
  return since - (offset[0] * change[0] + offset[1] * change[1]) / (change[0] ** 2 + change[1] ** 2);
}

function isWhole({ area, usualArea }: Sighting): boolean {
  return area >= WHOLE_SHARE * usualArea;
}

function areTouching(a: BoxXyxy, b: BoxXyxy): boolean {
  const shared = boxIntersectionArea(a, b);
  return shared > 0 && shared >= TOUCHING_SHARE * Math.min(boxArea(a), boxArea(b));
}

/** From the centre of one box to that of the other. */
function wayBetween(a: BoxXyxy, b: BoxXyxy): readonly [number, number] {
  return [(b[0] + b[2] - a[0] - a[2]) / 2, (b[1] + b[3] - a[1] - a[3]) / 2];
}

/** Change per frame: the slope of the line that fits best (least squares). */
function slope(ways: readonly { readonly position: number; readonly way: readonly [number, number] }[], axis: 0 | 1): number {
  const meanAt = ways.reduce((sum, { position }) => sum + position, 0) / ways.length;
  const [over, under] = ways.reduce(([o, u], { position, way }) => [o + (position - meanAt) * way[axis], u + (position - meanAt) ** 2], [0, 0]);
  return over / under;
}
