import type { TrackLine, TrackletRecord } from '../../contracts/artefacts';
import type { ChunkTracks } from '../../core/pipeline/chunk-tracks';

/** The tracks of a chunk that was tracked in this process. */
export class MemoryTracks implements ChunkTracks {
  /** @param tracked its lines by ascending position, and its tracklets */
  constructor(private readonly tracked: { readonly lines: readonly TrackLine[]; readonly tracklets: readonly TrackletRecord[] }) {}

  async *lines(from: number, to: number): AsyncGenerator<TrackLine, void, undefined> {
    yield* this.tracked.lines.filter(({ position }) => position >= from && position < to);
  }

  async *linesAt(positions: ReadonlySet<number>): AsyncGenerator<TrackLine, void, undefined> {
    yield* this.tracked.lines.filter(({ position }) => positions.has(position));
  }

  async tracklets(): Promise<readonly TrackletRecord[]> {
    return this.tracked.tracklets;
  }
}
