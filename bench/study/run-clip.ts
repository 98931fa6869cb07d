import type { DetectionLine, TrackLine, TrackletRecord } from '../../contracts/artefacts';
import type { VideoNetwork } from '../../contracts/video-network';
import type { TrackingOptions } from '../../contracts/segment-options';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import type { Rle } from '../../core/mask/types';
import { trackChunk, type ChunkFrame } from '../../core/tracking/chunk-tracker';
import { chooseTracker, createTrackerSession } from '../../core/tracking/create-session';
import type { Clip } from './clip';

export interface ClipRun {
  readonly clip: Pick<Clip, 'images'>;
  readonly first: number;
  /** Number of frames. */
  readonly frames: number;
  readonly segmenter: PromptableSegmenter;
  readonly memory?: VideoNetwork;
  readonly options: TrackingOptions;
  readonly detections: ReadonlyMap<number, DetectionLine>;
  /** Masks on the first frame by object. */
  readonly given?: ReadonlyMap<number, Rle>;
  /** Positions at which a new scene starts; default none. */
  readonly sceneCuts?: readonly number[];
  /** What the chunk before `first` left, to go on from. */
  readonly continues?: Uint8Array;
  /** Whether another chunk goes on. */
  readonly isContinued?: boolean;
}

export interface ClipTracks {
  readonly lines: readonly TrackLine[];
  readonly tracklets: readonly TrackletRecord[];
  readonly seconds: number;
  /** Size of the largest checkpoint. */
  readonly checkpointBytes: number;
  /** What another chunk can go on from. */
  readonly handOver: Uint8Array;
}

/** Tracks one clip, or a part of it, in this process, as one chunk or one of a chain. */
export async function trackClip(run: ClipRun): Promise<ClipTracks> {
  const { clip, first, segmenter, memory, options, given } = run;
  const frames = async function* (): AsyncGenerator<ChunkFrame> {
    // A tracker that goes on needs the last frame before once more.
    let position = run.continues ? first - 1 : first;
    for await (const image of clip.images(position, first + run.frames)) yield { position, image, hash: String(position++) };
  };
  const startedAt = performance.now();
  const lines: TrackLine[] = [];
  let checkpointBytes = 0;
  let handOver = new Uint8Array();
  const input = {
    frames: frames(),
    detections: (position: number) => run.detections.get(position),
    segmenter,
    options,
    createSession: createTrackerSession(chooseTracker(options.tracker, memory !== undefined), { segmenter, sharpen: options.sharpen, rememberedFrames: options.rememberedFrames, ...(memory ? { memory } : {}) }),
    sceneCuts: new Set(run.sceneCuts),
    isContinued: run.isContinued ?? false,
    ...(run.continues ? { continues: run.continues } : {}),
    ...(given ? { initialObjects: [...given].map(([objectId, rle]) => ({ objectId, rle })) } : {}),
  };
  for await (const event of trackChunk(input)) {
    if (event.kind === 'trailer') return { lines, tracklets: event.tracklets, seconds: (performance.now() - startedAt) / 1000, checkpointBytes, handOver };
    lines.push(...event.lines);
    handOver = Uint8Array.from(event.checkpoint);
    checkpointBytes = Math.max(checkpointBytes, event.checkpoint.length);
  }
  throw new Error('the tracker ended without its trailer');
}
