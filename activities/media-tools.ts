import type { Plan, JobSpec } from '../contracts/artefacts';
import type { ObjectRef } from '../contracts/object-ref';
import type { OverlayLook } from '../contracts/overlay-look';
import type { StitchedIdentities } from '../core/stitch/resolve-with-reidentification';
import type { VideoInfo } from '../contracts/video-info';

export interface ProbedVideo {
  readonly info: VideoInfo;
  /** Decode indices of the first frame of each scene. */
  readonly sceneCuts: readonly number[];
}

export interface RenderChunkRequest {
  readonly videoPath: string;
  readonly info: VideoInfo;
  readonly plan: Plan;
  /** Positions [startPosition, endPosition) are drawn. */
  readonly startPosition: number;
  readonly endPosition: number;
  /** JSON lines of masks.jsonl for the positions [leadPosition, endPosition), not compressed. */
  readonly masksPath: string;
  /** At most startPosition; before it so many lines as the look reaches back. */
  readonly leadPosition: number;
  readonly look: OverlayLook;
  /** Objects to draw; all when left out. */
  readonly onlyObjects?: ReadonlySet<number>;
  /** Files to write; null for those that are not wanted. */
  readonly overlayPath: string | null;
  readonly previewPath: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

export interface JoinVideosRequest {
  readonly videoPath: string;
  readonly info: VideoInfo;
  readonly plan: Plan;
  /** One part per chunk, in order. */
  readonly parts: readonly string[];
  /** Add the sound of the video. */
  readonly sound: boolean;
  readonly outputPath: string;
  readonly signal: AbortSignal;
  /** The film is still being written. */
  readonly onProgress: () => void;
}

export interface ViewerRequest {
  readonly masksPath: string;
  readonly resultPath: string;
  readonly stitchReportPath: string;
  /** Folder in which to write the files of the viewer. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface ResultRequest {
  readonly job: JobSpec;
  /** Where the job spec is stored: `vamg restitch` finds it by this. */
  readonly jobRef: ObjectRef;
  readonly info: VideoInfo;
  readonly plan: Plan;
  readonly identities: StitchedIdentities;
  /** The user's names of given objects, by ID. */
  readonly labels: ReadonlyMap<number, string>;
  /** masks.jsonl, not compressed. */
  readonly masksPath: string;
  /** Milliseconds inside the networks, over all chunks. */
  readonly inferenceMs: number;
}

/** Everything that media activities do with pictures and films; workers/ binds it to adapters/ffmpeg, viewer/ and the like. */
export interface MediaTools {
  /** @param promised what the container says, where it is known already */
  probe(videoPath: string, signal: AbortSignal, onProgress: (frames: number) => void, promised?: VideoInfo): Promise<ProbedVideo>;
  renderChunk(request: RenderChunkRequest): Promise<void>;
  joinVideos(request: JoinVideosRequest): Promise<void>;
  /** Writes the viewer; returns the names of the files that it made in the folder (index.html and what it needs, the preview film left out). */
  writeViewer(request: ViewerRequest): Promise<readonly string[]>;
  /** The value of result.json. */
  summarise(request: ResultRequest): Promise<Readonly<Record<string, unknown>>>;
}
