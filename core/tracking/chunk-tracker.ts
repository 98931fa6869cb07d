import type { DetectionLine, TrackLine, TrackletRecord } from '../../contracts/artefacts';
import type { GivenPrompt } from '../../contracts/prompts';
import type { TrackingOptions } from '../../contracts/segment-options';
import type { PromptableSegmenter, RgbImage } from '../../contracts/segmenter';
import { SETTLING_DETECTIONS } from '../planning/plan-chunks';
import { fromCocoRle } from '../mask/rle-string';
import type { Rle } from '../mask/types';
import { continueState, createChunkState, decodeCheckpoint, encodeCheckpoint, endTrack, liveTracks, type ChunkState } from './chunk-state';
import { Crossings } from './crossings';
import { DetectionUpdate } from './detection-update';
import { findDuplicates } from './duplicate-tracks';
import { exchangeCrossed } from './exchange-crossed';
import { createTrackFrame } from './feature-cache';
import { partDoubled } from './part-doubled';
import type { OpenInterval, PendingFrame, ScoredMask } from './pending-frame';
import { PromptSchedule } from './prompt-schedule';
import { PromptUpdate, type ObjectPrompt } from './prompt-update';
import { takeOver } from './take-over';
import { isConfirmedAtEnd, toTrackletRecords } from './track';
import type { TrackerSession } from './types';
import { writeLines } from './write-lines';

/** Most frames held back at one time; a longer stretch without detection is written out in parts. */
const MAX_PENDING = 32;

export interface ChunkFrame {
  readonly position: number;
  readonly image: RgbImage;
  readonly hash: string;
}

export interface ChunkTrackerInput {
  /** Frames of the chunk by ascending position, without gaps. After a resume, and in a chunk that continues another, they start at `checkpointPosition` or before. */
  readonly frames: AsyncIterable<ChunkFrame>;
  /** Masks of the mask generator for a detection frame. */
  readonly detections: (position: number) => DetectionLine | undefined;
  readonly segmenter: PromptableSegmenter;
  readonly options: TrackingOptions;
  /** Makes tracker sessions: one runs forward through the chunk, others briefly backward through an interval. */
  readonly createSession: () => TrackerSession;
  /** Positions at which a new scene starts: no object crosses one. */
  readonly sceneCuts: ReadonlySet<number>;
  /** Masks on the first frame, with their ids: followed from there, never dropped, confirmed. */
  readonly initialObjects?: readonly { readonly objectId: number; readonly rle: Rle }[];
  /** What the user says of objects on frames of this chunk, at most once per object and frame. */
  readonly prompts?: readonly GivenPrompt[];
  /** Told of every prompt that gave no mask. */
  readonly onUnanswered?: (objectId: number, position: number) => void;
  readonly signal?: AbortSignal;
  /** Found objects get numbers from this one on; 1 when absent. */
  readonly firstFreeId?: number;
  /** Checkpoint of an earlier run over the same chunk; lines up to it are not given again. */
  readonly resume?: Uint8Array;
  /** Last checkpoint of the chunk before, to go on from as if there were no border; frames start at its last one. `resume` goes before it. */
  readonly continues?: Uint8Array;
  /** Another chunk goes on where this one stops: what is live then is not over. */
  readonly isContinued?: boolean;
}

export type ChunkTrackerEvent =
  | {
      readonly kind: 'lines';
      /** Final lines, following those given before. */
      readonly lines: TrackLine[];
      /** Complete state after the last of them. */
      readonly checkpoint: Uint8Array;
      readonly position: number;
    }
  | { readonly kind: 'trailer'; readonly tracklets: TrackletRecord[] };

/**
 * Follows all objects through one chunk. Between two detection frames every live object is propagated forward; on the second,
 * masks and detections are matched, and detections that nobody explains are followed backward through the interval to find
 * out whose they are and since when they are there (see DetectionUpdate). Prompted objects start, or are corrected, on the frame of
 * the prompt, and are followed backward through the same interval (see PromptUpdate). Then the interval's lines are final. Memory is
 * bounded by one interval (at most MAX_PENDING frames). Equal input gives equal bytes, also when resumed from any checkpoint. A chunk that
 * continues another gives the lines that one run over both would give, as long as the border lies where an interval ends: after a detection
 * frame, once its scene has had three.
 * @throws RangeError for frames out of order, malformed detections or checkpoints; the signal's reason; the segmenter's errors.
 */
export async function* trackChunk(input: ChunkTrackerInput): AsyncGenerator<ChunkTrackerEvent> {
  const run = new ChunkRun(input);
  try {
    for await (const frame of input.frames) {
      input.signal?.throwIfAborted();
      yield* run.accept(frame);
    }
    yield* run.finish();
  } finally {
    await run.dispose();
  }
}

class ChunkRun {
  private readonly session: TrackerSession;
  private readonly state: ChunkState;
  private readonly resume: { readonly position: number; readonly session: Uint8Array } | undefined;
  private pending: PendingFrame[] = [];
  /** Objects that are over, and still have masks on pending frames. */
  private readonly ending = new Set<number>();
  /** The tracker's answer on the newest frame. */
  private predictions = new Map<number, ScoredMask>();
  private lastPosition: number | undefined;
  private readonly schedule: PromptSchedule;

  constructor(private readonly input: ChunkTrackerInput) {
    this.session = input.createSession();
    const prompts = input.prompts ?? [];
    this.schedule = new PromptSchedule(prompts);
    const from = input.resume ?? input.continues;
    if (from) {
      const { position, state, session } = decodeCheckpoint(from);
      this.resume = { position, session };
      this.state = input.resume ? state : continueState(state);
    } else this.state = createChunkState();
    this.state.nextId = Math.max(this.state.nextId, input.firstFreeId ?? 1);
    // Given objects have their own numbers; those of the others lie above.
    for (const { objectId } of [...(input.initialObjects ?? []), ...prompts]) this.state.nextId = Math.max(this.state.nextId, objectId + 1);
  }

  async *accept(frame: ChunkFrame): AsyncGenerator<ChunkTrackerEvent> {
    const { position } = frame;
    if (this.resume && this.lastPosition === undefined && position < this.resume.position) return;
    if (this.lastPosition !== undefined && position !== this.lastPosition + 1)
      throw new RangeError(`frame ${position} follows frame ${this.lastPosition}: positions must be consecutive`);
    const first = this.lastPosition === undefined;
    const trackFrame = createTrackFrame(position, frame.image, this.input.segmenter, this.input.signal);
    if (first && this.resume) {
      if (position !== this.resume.position) throw new RangeError(`frames start at ${position}, after the checkpoint at ${this.resume.position}`);
      await this.session.restore(this.resume.session, trackFrame);
      this.lastPosition = position;
      return;
    }
    const cut = !first && this.input.sceneCuts.has(position);
    if (cut) {
      if (this.pending.length > 0) yield await this.closeInterval();
      this.endScene();
    }
    this.lastPosition = position;
    const pending: PendingFrame = { frame: trackFrame, hash: frame.hash, masks: new Map() };
    this.pending.push(pending);
    this.predictions = new Map();
    if (first || cut) await this.beginScene(pending);
    else await this.moveTo(pending);
    const given = await this.takePrompts(pending, first);
    const line = this.input.detections(position);
    if (line) {
      const context = { ...this.input, session: this.session, given, ending: this.ending };
      await new DetectionUpdate(context, this.state, this.pending, this.predictions).run(line);
      await takeOver(this.interval());
    }
    await exchangeCrossed(this.interval(), given);
    await partDoubled(this.interval(), given);
    this.noteSeen(pending);
    const isFinal = line ? this.state.sceneDetections >= SETTLING_DETECTIONS : this.schedule.makesRoomAt(position, MAX_PENDING);
    if (isFinal || this.pending.length >= MAX_PENDING) yield await this.closeInterval();
  }

  async *finish(): AsyncGenerator<ChunkTrackerEvent> {
    if (this.pending.length > 0) yield await this.closeInterval();
    if (!this.input.isContinued) this.endScene();
    yield { kind: 'trailer', tracklets: toTrackletRecords([...this.state.ended, ...liveTracks(this.state)], this.state.formerAreas) };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private interval(): OpenInterval {
    return { session: this.session, state: this.state, pending: this.pending, ending: this.ending };
  }

  private async beginScene(pending: PendingFrame): Promise<void> {
    this.state.sceneStart = pending.frame.position;
    this.state.sceneDetections = 0;
    this.state.crossings = new Crossings();
    await this.session.start(pending.frame);
  }

  /** Applies what the user says of this frame; gives the ids of the tracks that it concerns. */
  private async takePrompts(pending: PendingFrame, firstOfChunk: boolean): Promise<ReadonlySet<number>> {
    const { position } = pending.frame;
    const said = this.schedule.at(position).map((prompt): ObjectPrompt => ({ ...prompt, mask: prompt.mask && fromCocoRle(prompt.mask) }));
    const initial = ((firstOfChunk && this.input.initialObjects) || []).filter(({ objectId }) => !said.some((prompt) => prompt.objectId === objectId));
    const prompts = [...initial.map(({ objectId, rle }): ObjectPrompt => ({ objectId, points: [], labels: [], box: null, mask: rle })), ...said];
    if (prompts.length === 0) return new Set();
    const { given, unanswered } = await new PromptUpdate({ ...this.input, session: this.session }, this.state, this.pending, this.predictions).run(prompts);
    for (const objectId of unanswered) this.input.onUnanswered?.(objectId, position);
    return given;
  }

  private async moveTo(pending: PendingFrame): Promise<void> {
    const onlyPredicts = this.session.name === 'iou';
    for (const { objectId, rle, score, present } of await this.session.step(pending.frame)) {
      if (!present) continue;
      this.predictions.set(objectId, { rle, score });
      if (!(onlyPredicts && this.state.live.get(objectId)?.lost)) pending.masks.set(objectId, { rle, score });
    }
  }

  private noteSeen(pending: PendingFrame): void {
    for (const track of this.state.live.values()) {
      const mask = pending.masks.get(track.id);
      track.lost = mask === undefined;
      if (!mask) continue;
      track.lastMask = mask.rle;
      track.lastSeen = pending.frame.position;
      track.score = mask.score;
    }
  }

  private async closeInterval(): Promise<ChunkTrackerEvent> {
    const duplicates = findDuplicates(liveTracks(this.state).filter(({ id }) => !this.ending.has(id)), this.pending);
    for (const id of duplicates) for (const { masks } of this.pending) masks.delete(id);
    const lines = writeLines(this.pending, this.state.live);
    this.pending = [];
    const over = [...this.ending, ...duplicates].sort((a, b) => a - b);
    this.ending.clear();
    for (const id of over) endTrack(this.state, id);
    this.session.removeObjects(over);
    const position = this.lastPosition!;
    return { kind: 'lines', lines, checkpoint: encodeCheckpoint(position, this.state, this.session.snapshot()), position };
  }

  /** All objects end. */
  private endScene(): void {
    for (const track of liveTracks(this.state)) {
      track.confirmed ||= isConfirmedAtEnd(track, this.state.sceneDetections, this.input.options.confirmDetections);
      endTrack(this.state, track.id);
    }
  }
}
