import type { ChunkSpec } from '../planning/plan-chunks';
import type { Assignment, ChunkAssignments, DroppedTracklet, GlobalObject, IdentityMap, JoinReport } from './identity-map';
import { IdentitySets, shareFrame } from './identity-sets';
import type { OverlapMatch, OverlapPair, Tracklet, TrackletKey } from './types';

/** The tracklets of one chunk. */
export interface ChunkTracklets {
  readonly spec: ChunkSpec;
  readonly tracklets: readonly Tracklet[];
}

/** A join that does not come from an overlap: re-identification after a gap, or a user's merge. */
export interface ExtraLink {
  readonly a: TrackletKey;
  readonly b: TrackletKey;
  /** Links are tried in descending score, overlap joins among them; use Infinity for a user's merge. */
  readonly score: number;
}

export interface IdentityConstraints {
  readonly links: readonly ExtraLink[];
  readonly cannotLinks: readonly (readonly [TrackletKey, TrackletKey])[];
}

const NO_CONSTRAINTS: IdentityConstraints = { links: [], cannotLinks: [] };

/**
 * One identity per object over the whole video, from the tracklets of all chunks and the decisions on all borders.
 * A single union-find pass takes the joins by descending score (ties by border, left, right), refusing any that would put
 * two tracklets that live on a common frame unmatched, or two IDs that the user gave, under one ID. Tracklets to which the user
 * gave one ID are joined before, whatever lies between them. IDs are dense from 1, ordered by first emitted frame, larger first
 * area, chunk, localId; where the user gave IDs, these stay and the others follow them. The result does not depend on the order of
 * the inputs.
 *
 * What a tracklet emits: its chunk's owned range; where it is joined across a border, the left one ends and the right one
 * starts at the join's cut frame. A given object that the chunk before does not show on the same frames is also shown in the
 * lead-in. Tracklets joined to nothing and seen only in the lead-in get no ID, nor do objects that no chunk confirmed; both are
 * listed as dropped. Throws RangeError for duplicate tracklets and borders, for one given ID twice in a chunk, and for keys that
 * do not exist.
 */
export function resolveIdentities(
  chunks: readonly ChunkTracklets[],
  matches: readonly OverlapMatch[],
  constraints: IdentityConstraints = NO_CONSTRAINTS,
): IdentityMap {
  const ordered = [...chunks].sort((a, b) => a.spec.index - b.spec.index);
  const borders = [...matches].sort((a, b) => a.leftChunk - b.leftChunk);
  borders.forEach(({ leftChunk }, i) => {
    if (leftChunk === borders[i - 1]?.leftChunk) throw new RangeError(`the border after chunk ${leftChunk} is given twice`);
  });
  const nodes = ordered.flatMap((c) => [...c.tracklets].sort((a, b) => a.localId - b.localId));
  const nodeOf = indexNodes(ordered, nodes);
  const joins = joinPairs(nodes, nodeOf, borders, constraints);
  const emitted = emitRanges(ordered, nodes, joins);
  const named = nameObjects(nodes, joins.sets, emitted);
  const idOf = (chunkIndex: number, localId: number): number | null =>
    named.globalIds[nodeOf({ chunkIndex, localId })] || null;
  return {
    objects: named.objects,
    chunks: listAssignments(ordered, nodes, named.globalIds, emitted),
    joins: borders.flatMap((border) =>
      sortedPairs(border).map((pair): JoinReport => {
        const refused = joins.refused.has(pair);
        return {
          boundary: border.leftChunk,
          left: pair.left,
          right: pair.right,
          leftGlobalId: idOf(border.leftChunk, pair.left),
          rightGlobalId: idOf(border.rightChunk, pair.right),
          evidence: pair.evidence,
          decision: refused ? 'refused-cannot-link' : pair.decision,
          reason: refused ? 'the two are forbidden to share an ID' : pair.reason,
          cutFrame: refused ? null : pair.cutFrame,
        };
      }),
    ),
    lineage: borders.flatMap((border) =>
      border.lineage.map(({ kind, piece, whole }) => {
        const [pieceChunk, wholeChunk] =
          kind === 'split_from' ? [border.rightChunk, border.leftChunk] : [border.leftChunk, border.rightChunk];
        return { kind, boundary: border.leftChunk, pieceGlobalId: idOf(pieceChunk, piece), wholeGlobalId: idOf(wholeChunk, whole) };
      }),
    ),
    dropped: named.dropped,
  };
}

function listAssignments(
  chunks: readonly ChunkTracklets[],
  nodes: readonly Tracklet[],
  globalIds: Int32Array,
  emitted: EmitRanges,
): ChunkAssignments[] {
  const lists = new Map(chunks.map(({ spec }) => [spec.index, [] as Assignment[]]));
  nodes.forEach(({ chunkIndex, localId }, i) => {
    const globalId = globalIds[i]!;
    if (globalId > 0) lists.get(chunkIndex)!.push({ localId, globalId, emitStart: emitted.start[i]!, emitEnd: emitted.end[i]! });
  });
  return [...lists].map(([chunkIndex, assignments]) => ({ chunkIndex, assignments }));
}

type NodeOf = (key: TrackletKey) => number;

function indexNodes(chunks: readonly ChunkTracklets[], nodes: readonly Tracklet[]): NodeOf {
  const index = new Map<number, Map<number, number>>();
  for (const { spec } of chunks) {
    if (index.has(spec.index)) throw new RangeError(`chunk ${spec.index} is given twice`);
    index.set(spec.index, new Map());
  }
  nodes.forEach(({ chunkIndex, localId }, i) => {
    const chunk = index.get(chunkIndex);
    if (!chunk) throw new RangeError(`tracklet ${localId} belongs to chunk ${chunkIndex}, which is not given`);
    if (chunk.has(localId)) throw new RangeError(`chunk ${chunkIndex} has two tracklets ${localId}`);
    chunk.set(localId, i);
  });
  return ({ chunkIndex, localId }) => {
    const node = index.get(chunkIndex)?.get(localId);
    if (node === undefined) throw new RangeError(`there is no tracklet ${localId} in chunk ${chunkIndex}`);
    return node;
  };
}

function sortedPairs(match: OverlapMatch): OverlapPair[] {
  return [...match.pairs].sort((a, b) => a.left - b.left || a.right - b.right);
}

interface AcceptedJoin {
  readonly left: number;
  readonly right: number;
  readonly cutFrame: number;
}

function joinPairs(
  nodes: readonly Tracklet[],
  nodeOf: NodeOf,
  borders: readonly OverlapMatch[],
  constraints: IdentityConstraints,
): { sets: IdentitySets; accepted: AcceptedJoin[]; refused: Set<OverlapPair> } {
  const edges: { a: number; b: number; score: number; pair?: OverlapPair }[] = [];
  const matched = new Map<number, number>();
  for (const border of borders)
    for (const pair of border.pairs) {
      const a = nodeOf({ chunkIndex: border.leftChunk, localId: pair.left });
      const b = nodeOf({ chunkIndex: border.rightChunk, localId: pair.right });
      if (pair.decision !== 'joined') continue;
      if (pair.cutFrame === null) throw new RangeError(`joined pair ${pair.left}, ${pair.right} has no cut frame`);
      if (!matched.has(a)) matched.set(a, b);
      edges.push({ a, b, score: pair.evidence.score, pair });
    }
  for (const { a, b, score } of constraints.links) edges.push({ a: nodeOf(a), b: nodeOf(b), score });
  const sets = new IdentitySets(nodes, (left, right) => matched.get(left) === right);
  for (const [a, b] of constraints.cannotLinks) sets.cannotLink(nodeOf(a), nodeOf(b));
  joinGiven(nodes, sets);
  const accepted: AcceptedJoin[] = [];
  const refused = new Set<OverlapPair>();
  edges.sort((p, q) => (p.score === q.score ? p.a - q.a || p.b - q.b : q.score > p.score ? 1 : -1));
  for (const { a, b, pair } of edges) {
    const done = sets.union(a, b);
    if (!pair) continue;
    if (done) accepted.push({ left: a, right: b, cutFrame: pair.cutFrame! });
    else refused.add(pair);
  }
  return { sets, accepted, refused };
}

/** Joins the tracklets to which the user gave the same ID, but for pairs that were forbidden by hand. */
function joinGiven(nodes: readonly Tracklet[], sets: IdentitySets): void {
  const byId = new Map<number, number[]>();
  nodes.forEach(({ givenId, chunkIndex }, i) => {
    if (givenId === undefined) return;
    const others = byId.get(givenId) ?? [];
    if (others.some((other) => nodes[other]!.chunkIndex === chunkIndex)) throw new RangeError(`chunk ${chunkIndex} has two tracklets of the given object ${givenId}`);
    others.forEach((other) => sets.unionByWord(other, i));
    byId.set(givenId, [...others, i]);
  });
}

interface EmitRanges {
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** First and end frame of each node's contribution. */
function emitRanges(
  chunks: readonly ChunkTracklets[],
  nodes: readonly Tracklet[],
  { accepted, sets }: { readonly accepted: readonly AcceptedJoin[]; readonly sets: IdentitySets },
): EmitRanges {
  const specs = new Map(chunks.map(({ spec }) => [spec.index, spec]));
  const start = nodes.map((node) => specs.get(node.chunkIndex)!.ownedStart);
  const end = nodes.map((node) => specs.get(node.chunkIndex)!.ownedEnd);
  for (const members of sets.all()) {
    for (const [m, i] of members.entries()) {
      if (nodes[i]!.givenId !== undefined && !isShownBefore(members, m, nodes)) start[i] = specs.get(nodes[i]!.chunkIndex)!.startFrame;
    }
  }
  for (const { left, right, cutFrame } of accepted) {
    end[left] = cutFrame;
    start[right] = cutFrame;
  }
  return { start, end };
}

/** Whether the chunk before that of a set's m-th member has the object on frames of that member. */
function isShownBefore(members: readonly number[], m: number, nodes: readonly Tracklet[]): boolean {
  const node = nodes[members[m]!]!;
  for (let before = m - 1; before >= 0; before--) {
    const other = nodes[members[before]!]!;
    if (other.chunkIndex < node.chunkIndex - 1) return false;
    if (other.chunkIndex === node.chunkIndex - 1 && shareFrame(other, node)) return true;
  }
  return false;
}

/** First and last frame that a node can put into the result; first > last when none. */
function emittedSpan(node: Tracklet, start: number, end: number): { first: number; last: number } {
  const begin = node.firstFrame < start ? Math.max(start, node.firstOwnedFrame ?? start) : node.firstFrame;
  return { first: begin, last: Math.min(node.lastFrame, end - 1) };
}

interface FoundObject {
  readonly members: number[];
  readonly first: number;
  readonly last: number;
  readonly lead: Tracklet;
}

function nameObjects(
  nodes: readonly Tracklet[],
  sets: IdentitySets,
  emitted: EmitRanges,
): { objects: GlobalObject[]; globalIds: Int32Array; dropped: DroppedTracklet[] } {
  const dropped: DroppedTracklet[] = [];
  const found: FoundObject[] = [];
  for (const members of sets.all()) {
    const confirmed = members.some((i) => nodes[i]!.confirmed !== false);
    let first = Infinity;
    let last = -1;
    let lead = nodes[members[0]!]!;
    for (const i of members) {
      const span = emittedSpan(nodes[i]!, emitted.start[i]!, emitted.end[i]!);
      if (span.first > span.last) continue;
      if (span.first < first) {
        first = span.first;
        lead = nodes[i]!;
      }
      last = Math.max(last, span.last);
    }
    if (confirmed && last >= 0) {
      found.push({ members, first, last, lead });
      continue;
    }
    for (const i of members) {
      const { chunkIndex, localId } = nodes[i]!;
      dropped.push({ chunkIndex, localId, reason: last < 0 ? 'lead-in-only' : 'unconfirmed' });
    }
  }
  found.sort(
    (p, q) =>
      p.first - q.first ||
      q.lead.firstArea - p.lead.firstArea ||
      p.lead.chunkIndex - q.lead.chunkIndex ||
      p.lead.localId - q.lead.localId,
  );
  const globalIds = new Int32Array(nodes.length);
  const ids = numberObjects(found, nodes);
  const objects = found.map(({ members, first, last }, i): GlobalObject => {
    const globalId = ids[i]!;
    for (const member of members) globalIds[member] = globalId;
    const tracklets = members.map((m) => ({ chunkIndex: nodes[m]!.chunkIndex, localId: nodes[m]!.localId }));
    return { globalId, firstFrame: first, lastFrame: last, tracklets };
  });
  objects.sort((a, b) => a.globalId - b.globalId);
  dropped.sort((a, b) => a.chunkIndex - b.chunkIndex || a.localId - b.localId);
  return { objects, globalIds, dropped };
}

/** The IDs of the objects, which are in order of appearance. Where a given object was cut in two by hand, its first part keeps the ID. */
function numberObjects(found: readonly FoundObject[], nodes: readonly Tracklet[]): number[] {
  const given = found.map(({ members }) => members.map((i) => nodes[i]!.givenId).find((id) => id !== undefined));
  let next = given.reduce<number>((highest, id) => Math.max(highest, id ?? 0), 0) + 1;
  return given.map((id, i) => (id !== undefined && given.indexOf(id) === i ? id : next++));
}
