import type { VideoInfo } from '../../contracts/video-info';
import type { ExportFormat, ExportObject, ExportSource } from '../export/types';

/** A finished result with its video. */
export interface FilmSource extends ExportSource {
  /** The very video of the result. */
  readonly videoPath: string;
  readonly info: VideoInfo;
  /** The objects to write, by ascending ID. */
  readonly chosen: readonly ExportObject[];
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** A film or pictures made of a result and its video. `write` fills an empty folder, in memory that does not grow with the length of the video. */
export interface FilmFormat extends Omit<ExportFormat, 'load' | 'write'> {
  /** The user says which objects: all of them would be more than anybody wants. */
  readonly needsChoice: boolean;
  /** What to do with it. */
  readonly use: string;
  /** @returns what the user must know. @throws VamgError; the signal's reason */
  write(source: FilmSource, folder: string): Promise<readonly string[]>;
}
