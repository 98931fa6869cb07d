/**
 * The frames of a video, cut at those on which objects are split: what an edit does to an object is the same on all frames of an
 * interval, so that memory grows with edits and objects, not with frames.
 */
export class FrameIntervals {
  private readonly starts: readonly number[];

  /** @param splitFrames frames (decode indices) with which an interval begins, in any order; 0 always begins one */
  constructor(splitFrames: Iterable<number>) {
    this.starts = [...new Set([0, ...splitFrames])].sort((a, b) => a - b);
  }

  get count(): number {
    return this.starts.length;
  }

  /** The interval of a frame, 0…count−1. */
  indexOf(frame: number): number {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= frame) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** `first`, and the first frame of every other interval that begins up to `last`. */
  startsWithin(first: number, last: number): number[] {
    return [first, ...this.starts.filter((start) => start > first && start <= last)];
  }
}
