import type { JudgedFrame } from './judged-frame';
import { addTo, PairCounts } from './pair-counts';

/**
 * First pass of HOTA: how well every pair of truth object and track goes together over the whole video. Call `addFrame` for
 * every frame, then give this to `HotaScorer`. Memory grows with the pairs that ever overlap.
 */
export class HotaAlignment {
  private readonly truthFrames = new Map<number, number>();
  private readonly trackFrames = new Map<number, number>();
  private readonly shared = new PairCounts();

  addFrame({ truthIds, trackIds, iou }: JudgedFrame): void {
    for (const id of truthIds) addTo(this.truthFrames, id);
    for (const id of trackIds) addTo(this.trackFrames, id);
    const columns = trackIds.length;
    const rowSums = new Float64Array(truthIds.length);
    const columnSums = new Float64Array(columns);
    iou.forEach((value, at) => {
      rowSums[Math.floor(at / columns)]! += value;
      columnSums[at % columns]! += value;
    });
    iou.forEach((value, at) => {
      if (value === 0) return;
      const [row, column] = [Math.floor(at / columns), at % columns];
      this.shared.add(truthIds[row]!, trackIds[column]!, value / (rowSums[row]! + columnSums[column]! - value));
    });
  }

  /** Jaccard index of the two tracks, each frame weighted by how clearly it belongs to this pair, 0..1. */
  alignment(truthId: number, trackId: number): number {
    const shared = this.shared.get(truthId, trackId);
    return shared === 0 ? 0 : shared / (this.framesOfTruth(truthId) + this.framesOfTrack(trackId) - shared);
  }

  framesOfTruth(id: number): number {
    return this.truthFrames.get(id) ?? 0;
  }

  framesOfTrack(id: number): number {
    return this.trackFrames.get(id) ?? 0;
  }
}
