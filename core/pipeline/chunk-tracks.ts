import type { TrackLine, TrackletRecord } from '../../contracts/artefacts';

/** What tracking left of one chunk, wherever it is kept: a line per position, and the list of tracklets. */
export interface ChunkTracks {
  /** Lines of positions [from, to) that the chunk computed, in order. */
  lines(from: number, to: number): AsyncIterable<TrackLine> & AsyncIterator<TrackLine>;
  /** The lines of some positions, in order. */
  linesAt(positions: ReadonlySet<number>): AsyncIterable<TrackLine>;
  tracklets(): Promise<readonly TrackletRecord[]>;
}
