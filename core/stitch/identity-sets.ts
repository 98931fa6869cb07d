import { UnionFind } from '../matching/union-find';
import type { Tracklet } from './types';

/**
 * Sets of tracklets that are one object. A union is refused when the result would hold two tracklets of one chunk, or
 * two of neighbouring chunks that live on a common frame without having been matched there (both are then visible, or
 * could be, at one time in different places), or two IDs that the user gave, or a pair forbidden by hand. Checked through one map chunk -> tracklet per
 * set, so memory stays linear in the number of tracklets.
 */
export class IdentitySets {
  private readonly sets: UnionFind;
  private readonly byChunk: Map<number, number>[];
  private readonly givenIds: (number | undefined)[];

  /**
   * @param nodes all tracklets
   * @param isMatched true when the nodes (left, right) of neighbouring chunks were joined by overlap evidence
   */
  constructor(
    private readonly nodes: readonly Tracklet[],
    private readonly isMatched: (left: number, right: number) => boolean,
  ) {
    this.sets = new UnionFind(nodes.length);
    this.byChunk = nodes.map((node, i) => new Map([[node.chunkIndex, i]]));
    this.givenIds = nodes.map(({ givenId }) => givenId);
  }

  /** Forbids two tracklets to become one object. */
  cannotLink(a: number, b: number): void {
    this.sets.cannotLink(a, b);
  }

  /** Joins the objects of two tracklets; false, changing nothing, when that is refused. */
  union(a: number, b: number): boolean {
    return this.join(a, b, (left, right) => this.isUnmatched(left, right));
  }

  /** As `union`, where the user says that the two are one object: that no overlap shows it does not matter. */
  unionByWord(a: number, b: number): boolean {
    return this.join(a, b, () => false);
  }

  private join(a: number, b: number, isConflict: (left: number | undefined, right: number | undefined) => boolean): boolean {
    const ra = this.sets.find(a);
    const rb = this.sets.find(b);
    if (ra === rb) return true;
    const [givenA, givenB] = [this.givenIds[ra], this.givenIds[rb]];
    if (givenA !== undefined && givenB !== undefined && givenA !== givenB) return false;
    const [small, large] =
      this.byChunk[ra]!.size < this.byChunk[rb]!.size
        ? [this.byChunk[ra]!, this.byChunk[rb]!]
        : [this.byChunk[rb]!, this.byChunk[ra]!];
    for (const [chunk, node] of small) {
      if (large.has(chunk)) return false;
      if (isConflict(large.get(chunk - 1), node) || isConflict(node, large.get(chunk + 1))) return false;
    }
    if (!this.sets.union(a, b)) return false;
    for (const [chunk, node] of small) large.set(chunk, node);
    const root = this.sets.find(a);
    this.byChunk[root] = large;
    this.givenIds[root] = givenA ?? givenB;
    return true;
  }

  /** All sets; members by chunk. */
  all(): number[][] {
    return this.sets.sets().map(([first]) => {
      const members = [...this.byChunk[this.sets.find(first!)]!.values()];
      return members.sort((a, b) => this.nodes[a]!.chunkIndex - this.nodes[b]!.chunkIndex);
    });
  }

  private isUnmatched(left: number | undefined, right: number | undefined): boolean {
    if (left === undefined || right === undefined || this.isMatched(left, right)) return false;
    return this.nodes[left]!.lastFrame >= this.nodes[right]!.firstFrame;
  }
}
