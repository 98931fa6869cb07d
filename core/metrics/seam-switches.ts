/** A border between two chunks; frames as numbers in the source. */
export interface Seam {
  /** First frame that only the chunk on the right owns. */
  readonly frame: number;
  /** First frame that both chunks computed; equal to `frame` when they share none. */
  readonly sharedFrom: number;
}

export interface SeamScore {
  readonly seams: number;
  /** Pairs of object and seam with the object in the truth on the labelled frames just before and just after the border. */
  readonly crossings: number;
  /** Those at which the ID changes. */
  readonly switches: number;
  /** switches / crossings, 0..1; null without a crossing. */
  readonly switchRate: number | null;
}

interface LastMatch {
  readonly track: number;
  readonly frame: number;
}

/**
 * How often an object changes its ID where two chunks meet. A change lies between the last frame on which the object had the
 * old ID and the first on which it has the new one; it is put down to a seam when that stretch meets the frames that
 * both chunks computed, or the first frame after them. An object that nothing follows at a seam has no ID to change there.
 *
 * Streaming: call `addFrame` for every labelled frame in order, then `result`. Memory: one entry per object, one per switch.
 */
export class SeamScorer {
  private readonly last = new Map<number, LastMatch>();
  private readonly switched = new Set<string>();
  private readonly crossed = new Set<string>();
  private before: { readonly frame: number; readonly visible: ReadonlySet<number> } | undefined;

  constructor(private readonly seams: readonly Seam[]) {}

  /** @param matches the objects that the truth shows on this frame, each with the ID that follows it, or null. */
  addFrame(frame: number, matches: ReadonlyMap<number, number | null>): void {
    for (const [object, track] of matches) {
      if (this.before?.visible.has(object)) this.noteEach(this.crossed, object, (seam) => this.before!.frame < seam.frame && seam.frame <= frame);
      if (track === null) continue;
      const last = this.last.get(object);
      if (last !== undefined && last.track !== track) this.noteEach(this.switched, object, (seam) => last.frame < seam.frame && seam.sharedFrom <= frame);
      this.last.set(object, { track, frame });
    }
    this.before = { frame, visible: new Set(matches.keys()) };
  }

  result(): SeamScore {
    const switches = [...this.switched].filter((pair) => this.crossed.has(pair)).length;
    const crossings = this.crossed.size;
    return { seams: this.seams.length, crossings, switches, switchRate: crossings === 0 ? null : switches / crossings };
  }

  private noteEach(pairs: Set<string>, object: number, holds: (seam: Seam) => boolean): void {
    this.seams.forEach((seam, index) => {
      if (holds(seam)) pairs.add(`${object}:${index}`);
    });
  }
}
