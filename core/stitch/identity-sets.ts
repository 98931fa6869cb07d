import { UnionFind } from '../matching/union-find';
import type { Tracklet } from './types';

/** Whether the nodes (left, right) of neighbouring chunks were joined by overlap evidence. */
type IsMatched = (left: number, right: number) => boolean;

/**
 * Sets of tracklets that are one object. A union is refused when the result would hold two tracklets that live on a common
 * frame without having been matched there (both are then visible, or could be, at one time in different places), two IDs
 * that the user gave, or a pair forbidden by hand. Only tracklets of one chunk or of neighbours can share a frame, so one
 * map chunk -> tracklets per set is all that is compared, and memory stays linear in the number of tracklets.
 */
export class IdentitySets {
  private readonly sets: UnionFind;
  private readonly byChunk: Map<number, number[]>[];
  private readonly givenIds: (number | undefined)[];

  /** @param nodes all tracklets */
  constructor(
    private readonly nodes: readonly Tracklet[],
    private readonly isMatched: IsMatched,
  ) {
    this.sets = new UnionFind(nodes.length);
    this.byChunk = nodes.map((node, i) => new Map([[node.chunkIndex, [i]]]));
    this.givenIds = nodes.map(({ givenId }) => givenId);
  }

  /** Forbids two tracklets to become one object. */
  cannotLink(a: number, b: number): void {
    this.sets.cannotLink(a, b);
  }

  /** Joins the objects of two tracklets; false, changing nothing, when that is refused. */
  union(a: number, b: number): boolean {
    return this.join(a, b, this.isMatched);
  }

  /** As `union`, where the user says that the two are one object: that no overlap shows it does not matter. */
  unionByWord(a: number, b: number): boolean {
    return this.join(a, b, () => true);
  }

  private join(a: number, b: number, isMatched: IsMatched): boolean {
    const [ra, rb] = [this.sets.find(a), this.sets.find(b)];
    if (ra === rb) return true;
    const [givenA, givenB] = [this.givenIds[ra], this.givenIds[rb]];
    if (givenA !== undefined && givenB !== undefined && givenA !== givenB) return false;
    const [small, large] =
      this.byChunk[ra]!.size < this.byChunk[rb]!.size
        ? [this.byChunk[ra]!, this.byChunk[rb]!]
        : [this.byChunk[rb]!, this.byChunk[ra]!];
    for (const members of small.values()) for (const node of members) if (this.conflicts(node, large, isMatched)) return false;
    if (!this.sets.union(a, b)) return false;
    for (const [chunk, members] of small) large.set(chunk, [...(large.get(chunk) ?? []), ...members]);
    const root = this.sets.find(a);
    this.byChunk[root] = large;
    this.givenIds[root] = givenA ?? givenB;
    return true;
  }

  /** All sets; members by chunk, then in the order of the nodes. */
  all(): number[][] {
    return this.sets.sets().map(([first]) => {
      const members = [...this.byChunk[this.sets.find(first!)]!.values()].flat();
      return members.sort((a, b) => this.nodes[a]!.chunkIndex - this.nodes[b]!.chunkIndex || a - b);
    });
  }

  private conflicts(node: number, others: ReadonlyMap<number, readonly number[]>, isMatched: IsMatched): boolean {
    const { chunkIndex } = this.nodes[node]!;
    const hits = (chunk: number, isFine: (other: number) => boolean): boolean =>
      (others.get(chunk) ?? []).some((other) => !isFine(other) && shareFrame(this.nodes[node]!, this.nodes[other]!));
    return (
      hits(chunkIndex, () => false) ||
      hits(chunkIndex - 1, (left) => isMatched(left, node)) ||
      hits(chunkIndex + 1, (right) => isMatched(node, right))
    );
  }
}

/** Whether the lives of two tracklets have a frame in common. */
export function shareFrame(a: Tracklet, b: Tracklet): boolean {
  return a.firstFrame <= b.lastFrame && b.firstFrame <= a.lastFrame;
}
