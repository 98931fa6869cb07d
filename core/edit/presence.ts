import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { FrameIntervals } from './frame-intervals';

/** Where an object is within one interval of frames. */
export interface Span {
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Frames with a mask. */
  readonly frames: number;
}

/** In which intervals the objects of the original result are seen. Call `add` for every line in order. */
export class Presence {
  private readonly spans = new Map<number, (Span | null)[]>();

  constructor(readonly intervals: FrameIntervals) {}

  add({ frame, objects }: MaskLine): void {
    const interval = this.intervals.indexOf(frame);
    for (const { id } of objects) {
      let spans = this.spans.get(id);
      if (spans === undefined) this.spans.set(id, (spans = new Array<Span | null>(this.intervals.count).fill(null)));
      const known = spans[interval] ?? null;
      spans[interval] = { firstFrame: known?.firstFrame ?? frame, lastFrame: frame, frames: (known?.frames ?? 0) + 1 };
    }
  }

  /** IDs of the original, ascending. */
  ids(): number[] {
    return [...this.spans.keys()].sort((a, b) => a - b);
  }

  /** null where the object is not seen. */
  span(originalId: number, interval: number): Span | null {
    return this.spans.get(originalId)?.[interval] ?? null;
  }
}
