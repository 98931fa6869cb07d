import type { BoxXywh } from '../../core/geometry/boxes';
import type { CocoRle, Rle } from '../../core/mask/types';

/** A mask with at least one pixel. */
export interface ExportMask {
  readonly id: number;
  /** 0..1 */
  readonly score: number;
  /** Tight box in pixels. */
  readonly bbox: BoxXywh;
  /** Pixels. */
  readonly area: number;
  readonly coco: CocoRle;
  readonly rle: Rle;
}

/** When a processed frame is. */
export interface ExportTime {
  /** Number of the processed frame, 0…n−1: formats that want frames without gaps count by it. */
  readonly position: number;
  /** 0-based decode index in the video. */
  readonly frame: number;
  /** Seconds from the first frame of the video. */
  readonly time: number;
}

/** One processed frame of a result. */
export interface ExportFrame extends ExportTime {
  /** By ascending ID; no ID twice. */
  readonly masks: readonly ExportMask[];
}

/** What is known about an object from all its masks. */
export interface ExportObject {
  readonly id: number;
  /** The user's name of it, or null. */
  readonly label: string | null;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Frames with a mask. */
  readonly frames: number;
  /** Pixels. */
  readonly meanArea: number;
  /** 0..1 */
  readonly meanScore: number;
  /** How often it vanishes or comes back after its first frame. */
  readonly visibilityChanges: number;
}

/** A finished result, to be read as often as a format needs. Its size in memory grows with the number of objects, not of frames. */
export interface ExportSource {
  /** Name of the video file, without folders. */
  readonly videoName: string;
  /** The name made fit for folders and files: letters, digits, `.`, `_` and `-`. */
  readonly sequence: string;
  readonly width: number;
  readonly height: number;
  readonly durationSeconds: number;
  /** Processed frames per second, on average. */
  readonly frameRate: number;
  readonly frameStep: number;
  /** Processed frames. */
  readonly frames: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly masks: number;
  /** By ascending ID. */
  readonly objects: readonly ExportObject[];
  read(): AsyncIterable<ExportFrame>;
  /** The same frames without their masks, which costs little. */
  readTimes(): AsyncIterable<ExportTime>;
  /** The file frames.csv that lies in every export: position, frame and time of every processed frame. */
  readonly framesTable: string;
}

/** A file format. `write` fills an empty folder, in memory that does not grow with the length of the video. */
export interface ExportFormat {
  /** The word after `--format`, and the name of the folder. */
  readonly name: string;
  readonly title: string;
  /** The files, with <video> for the sequence. */
  readonly files: string;
  readonly keeps: string;
  readonly loses: string;
  /** A line of Python that loads it; `root` is the folder. */
  readonly load: string;
  /**
   * @returns what the reader of the files must know: what was left out, split or renumbered, and how much of it.
   * @throws VamgError BadConfig for a result that the format cannot hold
   */
  write(source: ExportSource, folder: string): Promise<readonly string[]>;
}
