import { UnionFind } from '../matching/union-find';
import type { Tracklet } from './types';

/**
 * Sets of tracklets that are one object. A union is refused when the result would hold two tracklets of one chunk, or
 * two of neighbouring chunks that live on a common frame without having been matched there (both are then visible, or
 * could be, at one time in different places), or a pair forbidden by hand. Checked through one map chunk -> tracklet per
 * set, so memory stays linear in the number of tracklets.
 */
export class IdentitySets {
  private readonly sets: UnionFind;
  private readonly byChunk: Map<number, number>[];

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
  }

  /** Forbids two tracklets to become one object. */
  cannotLink(a: number, b: number): void {
    this.sets.cannotLink(a, b);
  }

  /** Joins the objects of two tracklets; false, changing nothing, when that is refused. */
  union(a: number, b: number): boolean {
    const ra = this.sets.find(a);
    const rb = this.sets.find(b);
    if (ra === rb) return true;
    const [small, large] =
      this.byChunk[ra]!.size < this.byChunk[rb]!.size
        ? [this.byChunk[ra]!, this.byChunk[rb]!]
        : [this.byChunk[rb]!, this.byChunk[ra]!];
    for (const [chunk, node] of small) {
      if (large.has(chunk)) return false;
      if (this.conflict(large.get(chunk - 1), node) || this.conflict(node, large.get(chunk + 1))) return false;
    }
    if (!this.sets.union(a, b)) return false;
    for (const [chunk, node] of small) large.set(chunk, node);
    this.byChunk[this.sets.find(a)] = large;
    return true;
  }

  /** All sets; members by chunk. */
  all(): number[][] {
    return this.sets.sets().map(([first]) => {
      const members = [...this.byChunk[this.sets.find(first!)]!.values()];
      return members.sort((a, b) => this.nodes[a]!.chunkIndex - this.nodes[b]!.chunkIndex);
    });
  }

  private conflict(left: number | undefined, right: number | undefined): boolean {
    if (left === undefined || right === undefined || this.isMatched(left, right)) return false;
    return this.nodes[left]!.lastFrame >= this.nodes[right]!.firstFrame;
  }
}
