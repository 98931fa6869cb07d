import path from 'node:path';
import { trackLineSchema, trackTrailerSchema, type TrackLine, type TrackletRecord } from '../contracts/artefacts';
import { VamgError } from '../contracts/errors';
import type { Plan } from '../contracts/artefacts';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import { readGzipLines } from '../adapters/store/json-lines';
import type { ChunkTracks } from '../core/pipeline/chunk-tracks';
import type { StageKeys } from '../core/pipeline/stage-keys';

/** A chunk's tracks artefact, fetched to a local file. */
export class TracksFile implements ChunkTracks {
  private constructor(
    private readonly file: string,
    private readonly chunk: Plan['chunks'][number],
  ) {}

  static async fetch(artefacts: ArtefactStore, keys: StageKeys, chunk: Plan['chunks'][number], folder: string): Promise<TracksFile> {
    const file = path.join(folder, `tracks-${chunk.index}.gz`);
    await artefacts.downloadInput(await artefacts.need('track', keys.track(chunk.index)), file);
    return new TracksFile(file, chunk);
  }

  /** Lines of positions [from, to), in order; the others are not parsed. */
  async *lines(from: number, to: number): AsyncGenerator<TrackLine, void, undefined> {
    yield* this.select(to, (position) => position >= from);
  }

  /** The lines of some positions, in order; the others are not parsed. */
  async *linesAt(positions: ReadonlySet<number>): AsyncGenerator<TrackLine, void, undefined> {
    yield* this.select(this.chunk.endFrame, (position) => positions.has(position));
  }

  private async *select(to: number, isWanted: (position: number) => boolean): AsyncGenerator<TrackLine, void, undefined> {
    let position = this.chunk.startFrame;
    for await (const text of readGzipLines(this.file)) {
      if (position >= Math.min(to, this.chunk.endFrame)) return;
      if (isWanted(position)) {
        const line = trackLineSchema.parse(JSON.parse(text));
        if (line.position !== position) throw new VamgError('Internal', `The tracks of chunk ${this.chunk.index} have position ${line.position} where ${position} belongs.`);
        yield line;
      }
      position++;
    }
  }

  /** The list of tracklets at the end of the file. */
  async tracklets(): Promise<readonly TrackletRecord[]> {
    let last = '';
    for await (const text of readGzipLines(this.file)) last = text;
    return trackTrailerSchema.parse(JSON.parse(last)).tracklets;
  }
}
