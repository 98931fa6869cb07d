import type { Plan, JobSpec } from '../contracts/artefacts';
import type { IdentityArtefact } from '../contracts/pipeline-artefacts';
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
  /** JSON lines of masks.jsonl for exactly these positions, not compressed. */
  readonly masksPath: string;
  /** Files to write; null for those that are not wanted. */
  readonly overlayPath: string | null;
  readonly previewPath: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

export interface JoinVideosRequest {
  /** Parts in order. */
  readonly parts: readonly string[];
  readonly outputPath: string;
  readonly signal: AbortSignal;
}

export interface ViewerRequest {
  readonly job: JobSpec;
  readonly info: VideoInfo;
  readonly plan: Plan;
  readonly masksPath: string;
  readonly resultPath: string;
  readonly stitchReportPath: string;
  /** The joined preview film; null when there is none. */
  readonly previewPath: string | null;
  /** Folder in which to write the files of the viewer. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface ResultRequest {
  readonly job: JobSpec;
  readonly info: VideoInfo;
  readonly plan: Plan;
  readonly identities: IdentityArtefact;
  /** masks.jsonl, not compressed. */
  readonly masksPath: string;
  /** Milliseconds inside the networks, over all chunks. */
  readonly inferenceMs: number;
}

/** Everything that media activities do with pictures and films; workers/ binds it to adapters/ffmpeg, viewer/ and the like. */
export interface MediaTools {
  probe(videoPath: string, signal: AbortSignal, onProgress: (frames: number) => void): Promise<ProbedVideo>;
  renderChunk(request: RenderChunkRequest): Promise<void>;
  joinVideos(request: JoinVideosRequest): Promise<void>;
  /** Writes the viewer; returns the names of the files that it made in the folder (index.html and what it needs). */
  writeViewer(request: ViewerRequest): Promise<readonly string[]>;
  /** The value of result.json. */
  summarise(request: ResultRequest): Promise<Readonly<Record<string, unknown>>>;
}
