import type { Plan, TrackLine, TrackletRecord } from '../../contracts/artefacts';
import type { Chain } from '../planning/chains';
import type { ChunkTracks } from './chunk-tracks';

/** The tracks of a chain, as if it were one chunk. */
export class ChainTracks implements ChunkTracks {
  private readonly chunks: Plan['chunks'];
  private all: Promise<readonly TrackletRecord[]> | null = null;

  /** @param open the tracks of one chunk; asked only for those that are needed */
  constructor(
    plan: Pick<Plan, 'chunks'>,
    { firstChunk, endChunk }: Pick<Chain, 'firstChunk' | 'endChunk'>,
    private readonly open: (chunk: Plan['chunks'][number]) => Promise<ChunkTracks>,
  ) {
    this.chunks = plan.chunks.slice(firstChunk, endChunk);
  }

  async *lines(from: number, to: number): AsyncGenerator<TrackLine, void, undefined> {
    for (const chunk of this.chunks) if (chunk.startFrame < to && chunk.endFrame > from) yield* (await this.open(chunk)).lines(Math.max(from, chunk.startFrame), Math.min(to, chunk.endFrame));
  }

  async *linesAt(positions: ReadonlySet<number>): AsyncGenerator<TrackLine, void, undefined> {
    for (const chunk of this.chunks) {
      const own = new Set([...positions].filter((position) => position >= chunk.startFrame && position < chunk.endFrame));
      if (own.size > 0) yield* (await this.open(chunk)).linesAt(own);
    }
  }

  /** Read once. By localId; an object that several chunks list is as the last of them says, which has the sums over all. */
  async tracklets(): Promise<readonly TrackletRecord[]> {
    return await (this.all ??= this.gather());
  }

  private async gather(): Promise<readonly TrackletRecord[]> {
    const records = new Map<number, TrackletRecord>();
    for (const chunk of this.chunks) for (const record of await (await this.open(chunk)).tracklets()) records.set(record.localId, record);
    return [...records.values()].sort((a, b) => a.localId - b.localId);
  }
}
