import type { DetectionLine, TrackLine, TrackletRecord } from '../../../contracts/artefacts';
import type { GivenPrompt } from '../../../contracts/prompts';
import { trackingOptionsSchema, type TrackingOptions } from '../../../contracts/segment-options';
import { trackChunk, type ChunkTrackerEvent, type ChunkTrackerInput } from '../../../core/tracking/chunk-tracker';
import { createTrackerSession } from '../../../core/tracking/create-session';
import { drawScene, type Shape } from './drawn-scene';
import { FakeMemoryNetwork } from './fake-memory-network';
import { FakeSegmenter } from './fake-segmenter';
import type { TrackerName } from '../../../core/tracking/types';

export interface ChunkSetup {
  readonly shapes: readonly Shape[];
  readonly frames: number;
  readonly detections: ReadonlyMap<number, DetectionLine>;
  readonly tracker?: TrackerName;
  readonly options?: Partial<TrackingOptions>;
  readonly sceneCuts?: readonly number[];
  readonly initialObjects?: ChunkTrackerInput['initialObjects'];
  readonly prompts?: readonly GivenPrompt[];
  readonly resume?: Uint8Array;
  readonly continues?: Uint8Array;
  readonly isContinued?: boolean;
  readonly firstFreeId?: number;
  readonly firstFrame?: number;
}

export interface ChunkResult {
  readonly events: readonly ChunkTrackerEvent[];
  readonly lines: readonly TrackLine[];
  readonly tracklets: readonly TrackletRecord[];
  readonly segmenter: FakeSegmenter;
}

/** Input for trackChunk over a drawn scene. */
export function chunkInput(setup: ChunkSetup, segmenter = new FakeSegmenter()): ChunkTrackerInput {
  const tracker = setup.tracker ?? 'prompt';
  const frames = async function* (): ChunkTrackerInput['frames'] extends AsyncIterable<infer F> ? AsyncGenerator<F> : never {
    for (let t = setup.firstFrame ?? 0; t < setup.frames; t++) yield { position: t, image: drawScene(setup.shapes, t), hash: `h${t}` };
  };
  return {
    frames: frames(),
    detections: (position) => setup.detections.get(position),
    segmenter,
    options: trackingOptionsSchema.parse({ tracker, minArea: 50, ...setup.options }),
    createSession: createTrackerSession(tracker, { segmenter, memory: new FakeMemoryNetwork() }),
    sceneCuts: new Set(setup.sceneCuts ?? []),
    ...(setup.initialObjects ? { initialObjects: setup.initialObjects } : {}),
    ...(setup.prompts ? { prompts: setup.prompts } : {}),
    ...(setup.continues ? { continues: setup.continues } : {}),
    isContinued: setup.isContinued ?? false,
    firstFreeId: setup.firstFreeId ?? 1,
    ...(setup.resume ? { resume: setup.resume } : {}),
  };
}

/** Something said of one object on one frame; what is not named is not said. */
export function promptOn(position: number, objectId: number, said: Partial<GivenPrompt>): GivenPrompt {
  return { position, objectId, points: [], labels: (said.points ?? []).map(() => 1 as const), box: null, mask: null, ...said };
}

/** Runs a chunk to its end. */
export async function runChunk(setup: ChunkSetup): Promise<ChunkResult> {
  const segmenter = new FakeSegmenter();
  const events: ChunkTrackerEvent[] = [];
  for await (const event of trackChunk(chunkInput(setup, segmenter))) events.push(event);
  const trailer = events[events.length - 1]!;
  if (trailer.kind !== 'trailer') throw new Error('the last event must be the trailer');
  return { events, lines: events.flatMap((event) => (event.kind === 'lines' ? event.lines : [])), tracklets: trailer.tracklets, segmenter };
}

/** Positions on which an object has a mask. */
export function seenOn(lines: readonly TrackLine[], localId: number): number[] {
  return lines.filter(({ objects }) => objects.some((o) => o.localId === localId)).map(({ position }) => position);
}
