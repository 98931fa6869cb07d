import { assignWithGate } from '../matching/linear-assignment';
import { UnionFind } from '../matching/union-find';
import { finish, type Steps } from './steps';
import { gatherGapEvidence, type GapEvidence, type LifeEnd } from './gap-evidence';

/** Most ends and beginnings that are assigned to each other at one time; the cost grows with its third power. */
const GROUP_LIMIT = 400;

/** The visible life of an object, from its first to its last frame. */
export interface Life {
  readonly begin: LifeEnd;
  readonly end: LifeEnd;
}

export interface ReidentifyOptions {
  /** Score from which two lives may be one object, 0..1. */
  readonly reidentifyThresh: number;
  /** Most frames between them. */
  readonly reidentifyGap: number;
  /** A pair whose runner-up is nearer than this is ambiguous, 0..1. */
  readonly stitchMargin: number;
}

export interface ReidentifyRequest {
  /** In an order that does not depend on how they were found: it decides between equals. */
  readonly lives: readonly Life[];
  /** Frames at which a new scene starts. */
  readonly sceneCuts: readonly number[];
  /** Longer side of the picture, in pixels. */
  readonly span: number;
  /** True for two lives (indices) that must not become one. */
  readonly isForbidden: (before: number, after: number) => boolean;
}

/** One life that ended and one that began later, and what was made of it. */
export interface GapPair {
  /** Indices of the lives. */
  readonly before: number;
  readonly after: number;
  readonly evidence: GapEvidence;
  readonly decision: 'joined' | 'ambiguous' | 'rejected';
  /** One plain sentence for the report. */
  readonly reason: string;
}

type Candidate = Pick<GapPair, 'before' | 'after' | 'evidence'>;

/**
 * Which objects that ended came back as which that began later.
 *
 * 1. Evidence for every pair whose lives are apart by at most reidentifyGap frames (`gatherGapEvidence`). 2. Optimal assignment
 * of one successor at most to each life and one predecessor at most, among pairs with a score of at least reidentifyThresh;
 * anything may stay alone. Successors in a row make a chain, which is one object. 3. A pair is ambiguous, and not made, when a
 * rival is nearer (by score) than stitchMargin; a rival that is in the same chain anyway, that has a clearly better partner
 * of its own, or that is the same thing in another extent (a boat and its hull), is none. Where an ambiguous pair falls away, what it had explained is looked at again.
 *
 * Listed are all pairs with a score of at least reidentifyThresh - stitchMargin, by (before, after). Pure; equal lists give
 * equal answers. The score is the linear one of `gatherGapEvidence` and not MASA's bi-softmax: a softmax gives a lone pair full
 * marks however little alike the two are, and counts the two halves of one chain as rivals.
 */
export function reidentifyLives(request: ReidentifyRequest, options: ReidentifyOptions): GapPair[] {
  return finish(reidentifyInSteps(request, options));
}

/** As reidentifyLives: long films have very many pairs. */
export function* reidentifyInSteps(request: ReidentifyRequest, options: ReidentifyOptions): Steps<GapPair[]> {
  const { reidentifyThresh, stitchMargin } = options;
  const candidates = yield* findCandidates(request, options);
  const eligible = candidates.filter(({ evidence }) => evidence.score >= reidentifyThresh);
  yield;
  const chosen = new Set(yield* assignAll(eligible, request.lives.length, reidentifyThresh));
  const ambiguous = yield* findAmbiguous(request.lives, candidates, chosen, stitchMargin);
  return candidates.map((candidate): GapPair => {
    const rival = ambiguous.get(candidate);
    if (rival !== undefined) return { ...candidate, decision: 'ambiguous', reason: rival };
    if (chosen.has(candidate)) return { ...candidate, decision: 'joined', reason: candidate.evidence.acrossCut ? 'alike, after a scene cut' : 'alike and within reach' };
    return { ...candidate, decision: 'rejected', reason: candidate.evidence.score < reidentifyThresh ? 'not alike enough' : 'another pair fits better' };
  });
}

/** The pairs that are listed. */
function* findCandidates({ lives, sceneCuts, span, isForbidden }: ReidentifyRequest, { reidentifyGap, reidentifyThresh, stitchMargin }: ReidentifyOptions): Steps<Candidate[]> {
  const byBegin = [...lives.keys()].sort((a, b) => lives[a]!.begin.frame - lives[b]!.begin.frame || a - b);
  const begins = byBegin.map((i) => lives[i]!.begin.frame);
  const cuts = [...sceneCuts].sort((a, b) => a - b);
  const candidates: Candidate[] = [];
  for (const [before, { end }] of lives.entries()) {
    yield;
    for (let at = firstAbove(begins, end.frame); at < begins.length && begins[at]! - end.frame - 1 <= reidentifyGap; at++) {
      const after = byBegin[at]!;
      const { begin } = lives[after]!;
      if (isForbidden(before, after)) continue;
      const acrossCut = firstAbove(cuts, end.frame) < firstAbove(cuts, begin.frame);
      const evidence = gatherGapEvidence(end, begin, acrossCut, span);
      if (evidence !== null && evidence.score >= reidentifyThresh - stitchMargin) candidates.push({ before, after, evidence });
    }
  }
  return candidates.sort((p, q) => p.before - q.before || p.after - q.after);
}

/** Number of values in an ascending list that are not above `value`. */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The best one-to-one choice, solved apart for groups of lives that share no candidate, so that a long film costs no more per
 * minute. A crowd in which all look alike would be one group: beyond GROUP_LIMIT its weakest candidates are not considered.
 */
function* assignAll(candidates: readonly Candidate[], lives: number, threshold: number): Steps<Candidate[]> {
  const groups = new UnionFind(2 * lives);
  const size = new Map<number, number>();
  const sizeOf = (root: number): number => size.get(root) ?? 1;
  for (const { before, after } of [...candidates].sort((p, q) => q.evidence.score - p.evidence.score || p.before - q.before || p.after - q.after)) {
    const [a, b] = [groups.find(before), groups.find(lives + after)];
    const total = sizeOf(a) + sizeOf(b);
    if (a === b || total > GROUP_LIMIT) continue;
    groups.union(a, b);
    size.set(groups.find(a), total);
  }
  const within = candidates.filter(({ before, after }) => groups.connected(before, lives + after));
  const chosen: Candidate[] = [];
  for (const group of groupBy(within, ({ before }) => groups.find(before)).values()) {
    yield;
    chosen.push(...assignGroup(group, threshold));
  }
  return chosen;
}

function assignGroup(group: readonly Candidate[], threshold: number): Candidate[] {
  const rows = [...new Set(group.map(({ before }) => before))].sort((a, b) => a - b);
  const columns = [...new Set(group.map(({ after }) => after))].sort((a, b) => a - b);
  const rowOf = new Map(rows.map((life, i) => [life, i]));
  const columnOf = new Map(columns.map((life, i) => [life, i]));
  const cost = new Float64Array(rows.length * columns.length).fill(Infinity);
  const at = new Map<number, Candidate>();
  for (const candidate of group) {
    const cell = rowOf.get(candidate.before)! * columns.length + columnOf.get(candidate.after)!;
    cost[cell] = 1 - candidate.evidence.score;
    at.set(cell, candidate);
  }
  // What a pair is worth is how far it is above the threshold, so that one clear pair is not given up for two middling ones.
  const gate = 1 - threshold + 1e-6;
  return assignWithGate(cost, rows.length, columns.length, gate).map(({ row, col }) => at.get(row * columns.length + col)!);
}

/** The chosen pairs that a rival makes ambiguous, each with a sentence that names it. */
function* findAmbiguous(lives: readonly Life[], candidates: readonly Candidate[], chosen: ReadonlySet<Candidate>, margin: number): Steps<Map<Candidate, string>> {
  const byBefore = groupBy(candidates, ({ before }) => before);
  const byAfter = groupBy(candidates, ({ after }) => after);
  const successor = new Map([...chosen].map((pair) => [pair.before, pair]));
  const predecessor = new Map([...chosen].map((pair) => [pair.after, pair]));
  const isClearlyBetter = (pair: Candidate | undefined, rival: Candidate): boolean => pair !== undefined && pair !== rival && pair.evidence.score - rival.evidence.score >= margin;
  const ambiguous = new Map<Candidate, string>();
  for (;;) {
    yield;
    const chains = new UnionFind(lives.length);
    const remaining = [...chosen].filter((pair) => !ambiguous.has(pair));
    for (const { before, after } of remaining) chains.union(before, after);
    const found = remaining.flatMap((pair): [Candidate, string][] => {
      const isNear = (rival: Candidate): boolean => rival !== pair && pair.evidence.score - rival.evidence.score < margin;
      const other = byBefore.get(pair.before)!.find((rival) => isNear(rival) && !chains.connected(rival.after, pair.after) && !isOneThing(lives[rival.after]!.begin, lives[pair.after]!.begin) && !isClearlyBetter(predecessor.get(rival.after), rival));
      if (other !== undefined) return [[pair, `${lives[other.after]!.begin.name} fits almost as well`]];
      const earlier = byAfter.get(pair.after)!.find((rival) => isNear(rival) && !chains.connected(rival.before, pair.before) && !isOneThing(lives[rival.before]!.end, lives[pair.before]!.end) && !isClearlyBetter(successor.get(rival.before), rival));
      return earlier === undefined ? [] : [[pair, `${lives[earlier.before]!.end.name} fits almost as well`]];
    });
    if (found.length === 0) return ambiguous;
    for (const [pair, reason] of found) ambiguous.set(pair, reason);
  }
}

/** A thing and a part of it: their centres are nearer than this share of the smaller one's extent, and their areas differ at least by this factor. */
const SAME_CENTRE = 0.5;
const OTHER_AREA = 0.9;

/** Whether two objects that begin, or end, on one frame are a thing and a part of it: both are kept (docs/adr/0009), and look alike. */
function isOneThing(a: LifeEnd, b: LifeEnd): boolean {
  const [one, other] = [a.place, b.place];
  const isNear = Math.hypot(one.x - other.x, one.y - other.y) < SAME_CENTRE * Math.min(one.extent, other.extent);
  return a.frame === b.frame && isNear && Math.min(one.area, other.area) < OTHER_AREA * Math.max(one.area, other.area);
}

function groupBy(candidates: readonly Candidate[], keyOf: (candidate: Candidate) => number): Map<number, Candidate[]> {
  const groups = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const list = groups.get(keyOf(candidate));
    if (list) list.push(candidate);
    else groups.set(keyOf(candidate), [candidate]);
  }
  return groups;
}
