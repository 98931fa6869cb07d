/**
 * What the activities ask of the inference process. Types only. models/runtime implements InferenceHost with a child process;
 * tests implement it in memory. Paths are local to this machine and never leave it (they are not in any payload or artefact).
 */
import type { SegmentOptions } from './segment-options';
import type { VideoInfo } from './video-info';

/** Which frames a job reads: frame = firstFrame + position * frameStep, for startPosition <= position < endPosition. */
export interface FrameSelection {
  readonly firstFrame: number;
  readonly frameStep: number;
  readonly startPosition: number;
  readonly endPosition: number;
}

/** Where to go on. `linesDone` lines were stored by earlier attempts; `checkpoint` are the bytes that came with the last of them. */
export interface InferenceResume {
  readonly linesDone: number;
  readonly checkpoint: Uint8Array | null;
}

interface InferenceJobBase {
  /** Local path of the video file. */
  readonly videoPath: string;
  /** Of its timeline only the part that the job reads: pts[0] belongs to frame `timelineStart`. */
  readonly videoInfo: VideoInfo;
  readonly timelineStart: number;
  readonly frames: FrameSelection;
  /** Positions inside [startPosition, endPosition) at which a new scene starts, ascending. */
  readonly sceneCuts: readonly number[];
  /** Positions on which the mask generator runs, ascending; the first one is startPosition, but for a chunk that continues another. Empty when only given objects are followed. */
  readonly detectionPositions: readonly number[];
  readonly options: SegmentOptions;
  /** Bundle name and the sha256 that the loaded bundle must have (BadConfig otherwise). */
  readonly model: { readonly name: string; readonly sha256: string };
  /** Longest side of the picture that the network sees. */
  readonly inputSize: number;
  /** cpu, cuda, … or auto. */
  readonly device: string;
  readonly resume: InferenceResume | null;
}

/** Emits one detectionLineSchema line per detection position. */
export interface DetectJob extends InferenceJobBase {
  readonly kind: 'detect';
}

/** Emits one trackLineSchema line per position of the chunk; the trailer of the result is a trackTrailerSchema value. */
export interface TrackJob extends InferenceJobBase {
  readonly kind: 'track';
  /** Local path of the chunk's detections: JSON lines, not compressed. */
  readonly detectionsPath: string;
  /** Local path of the first-frame label map (indexed PNG); only given to the chunk that holds position 0. */
  readonly firstFrameMaskPath: string | null;
  /** Local path of what is said of objects on frames of this chunk: a JSON array of givenPromptSchema values; null for nothing. */
  readonly promptsPath: string | null;
  /** Found objects get numbers from this one on; those below it are the user's. */
  readonly firstFreeId: number;
  /** Local path of what the chunk before left at its end, to go on from; null for a chunk that starts afresh, or resumes. Its position is startPosition - 1. */
  readonly continuesPath: string | null;
  /** Whether another chunk goes on where this one stops: its objects are not over then. */
  readonly isContinued: boolean;
}

export type InferenceJob = DetectJob | TrackJob;

export interface InferenceProgress {
  /** Frames gone through, perhaps not yet final, and planned in this job, earlier attempts included. */
  readonly done: number;
  readonly total: number;
  readonly objects: number;
  /** Milliseconds inside the networks in this attempt. */
  readonly inferenceMs: number;
}

export interface InferenceHandlers {
  /**
   * These lines are final and follow those given before (each one JSON document without a line break). With a `checkpoint`
   * the job can be resumed after the last of them (an empty array when the line count says it all); with null it cannot, and
   * they are given again by the next attempt. The host waits for the promise before it sends more: that is the back-pressure.
   * `done` counts all lines so far, earlier attempts included.
   */
  onLines(lines: readonly string[], checkpoint: Uint8Array | null, done: number): Promise<void>;
  /** At least every few seconds while work advances, and never when it does not: the watchdog listens to it. */
  onProgress(progress: InferenceProgress): void;
  /** What the process, or a library in it, has to say meanwhile: one line. */
  onLog?(level: 'info' | 'warn', message: string): void;
}

export interface InferenceResult {
  /** Last value of the artefact: tracklets for `track`, absent for `detect`. */
  readonly trailer?: unknown;
  readonly inferenceMs: number;
}

/** Runs one job at a time in the inference process, which is started when needed and replaced when it died. */
export interface InferenceHost {
  /**
   * @throws VamgError InferenceFailed, PoisonChunk, BadConfig, ResourceExhausted; the signal's reason after the job has stopped
   * (at the next frame, without waiting longer than one network run; a process that does not stop is killed).
   */
  runJob(job: InferenceJob, handlers: InferenceHandlers, signal: AbortSignal): Promise<InferenceResult>;
  /** End the process. Idempotent. */
  close(): Promise<void>;
}
