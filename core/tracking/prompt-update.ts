import type { PromptableSegmenter } from '../../contracts/segmenter';
import { isEmptyRle, rleArea, rleHasPixel } from '../mask/rle';
import { rleIou, rleIouMatrix } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { assignWithGate } from '../matching/linear-assignment';
import { learnAppearance } from './appearance';
import { propagateBackward } from './backward-pass';
import { endTrack, findGiven, liveTracks, reviveTrack, type ChunkState } from './chunk-state';
import { decodePrompts, type PointPrompt } from './decode-prompts';
import { FrameViews } from './frame-views';
import type { MaskGrid } from './mask-grid';
import type { PendingFrame, ScoredMask } from './pending-frame';
import { createTrack, isPinned, type Track } from './track';
import type { ObjectMask, TrackerSession } from './types';

/** A found object that a prompted mask covers this much is the object that is meant. */
const SAME_OBJECT_IOU = 0.7;
/** A correction that shares less than this with the tracked mask says that the tracker was on something else: it starts anew. */
const ELSEWHERE_IOU = 0.5;

/** What is said of one object on the current frame. Points and box ask SAM; a mask alone is taken as it is. */
export interface ObjectPrompt extends PointPrompt {
  /** The user's ID. */
  readonly objectId: number;
}

export interface PromptContext {
  readonly segmenter: PromptableSegmenter;
  readonly session: TrackerSession;
  readonly createSession: () => TrackerSession;
  readonly signal?: AbortSignal;
}

export interface PromptOutcome {
  /** Ids of the tracks that have a prompted mask on this frame. */
  readonly given: ReadonlySet<number>;
  /** IDs of objects that nothing was found for. */
  readonly unanswered: readonly number[];
}

interface Answer {
  readonly prompt: ObjectPrompt;
  readonly mask: ScoredMask;
}

/** One frame on which objects are prompted: their masks, which tracks they are, and where they came from. Lives for one frame. */
export class PromptUpdate {
  private readonly current: PendingFrame;

  constructor(
    private readonly context: PromptContext,
    private readonly state: ChunkState,
    private readonly pending: readonly PendingFrame[],
    /** The tracker's masks on the last pending frame; prompted ones replace them. */
    private readonly predictions: Map<number, ScoredMask>,
  ) {
    this.current = pending[pending.length - 1]!;
  }

  /** Changes state, pending masks, predictions and session. */
  async run(prompts: readonly ObjectPrompt[]): Promise<PromptOutcome> {
    const views = new FrameViews(await this.current.frame.embedding());
    const answers = await this.findMasks(prompts, views.grid);
    const meant = this.findMeant(answers);
    const tracks = answers.map(({ prompt, mask }, i) => this.trackOf(prompt.objectId, mask, meant[i]!));
    const arrived = answers.filter((_, i) => !this.current.masks.has(tracks[i]!.id));
    const elsewhere = tracks.filter(({ id }, i) => this.isElsewhere(id, answers[i]!.mask.rle)).map(({ id }) => id);
    answers.forEach(({ mask }, i) => {
      const track = tracks[i]!;
      this.current.masks.set(track.id, mask);
      this.predictions.set(track.id, mask);
      learnAppearance(track.appearance, views.of(mask.rle));
    });
    this.context.session.removeObjects(elsewhere);
    await this.context.session.addObjects(answers.map(({ mask }, i): ObjectMask => ({ objectId: tracks[i]!.id, ...mask })));
    await this.traceBack(arrived);
    const answered = new Set(answers.map(({ prompt }) => prompt.objectId));
    return { given: new Set(tracks.map(({ id }) => id)), unanswered: prompts.map(({ objectId }) => objectId).filter((id) => !answered.has(id)) };
  }

  private async findMasks(prompts: readonly ObjectPrompt[], grid: MaskGrid): Promise<Answer[]> {
    const asked = prompts.flatMap((prompt) => (isMaskAlone(prompt) ? [] : [{ prompt, question: this.withTrackedMask(prompt) }])).filter(({ question }) => isPositive(question));
    const embedding = await this.current.frame.embedding();
    const answers = await decodePrompts(this.context.segmenter, embedding, grid, asked.map(({ question }) => question), this.context.signal);
    return prompts.flatMap((prompt) => {
      const at = asked.findIndex((one) => one.prompt === prompt);
      const mask = isMaskAlone(prompt) ? { rle: prompt.mask!, score: 1 } : (answers[at] ?? null);
      return mask === null || isEmptyRle(mask.rle) ? [] : [{ prompt, mask }];
    });
  }

  /**
   * Points correct the tracked mask when one of them lies on it, or all say what is not the object; a box, or points elsewhere,
   * say afresh where it is. (SAM 2 feeds the tracked mask back in any case.)
   */
  private withTrackedMask(prompt: ObjectPrompt): PointPrompt {
    const track = findGiven(this.state, prompt.objectId);
    const tracked = track && this.current.masks.get(track.id)?.rle;
    if (!tracked || prompt.mask !== null || prompt.box !== null) return prompt;
    const wanted = prompt.points.filter((_, i) => prompt.labels[i] === 1);
    const corrects = wanted.length === 0 || wanted.some(([x, y]) => rleHasPixel(tracked, Math.floor(x), Math.floor(y)));
    return corrects ? { ...prompt, mask: tracked } : prompt;
  }

  /** For each answer the found object that it covers, if any; one at most, and no object twice. */
  private findMeant(answers: readonly Answer[]): (Track | undefined)[] {
    const found = liveTracks(this.state).filter((track) => !isPinned(track) && this.current.masks.has(track.id));
    const ious = rleIouMatrix(answers.map(({ mask }) => mask.rle), found.map(({ id }) => this.current.masks.get(id)!.rle));
    const pairs = assignWithGate(ious.map((iou) => 1 - iou), answers.length, found.length, 1 - SAME_OBJECT_IOU);
    return answers.map((_, i) => found[pairs.find(({ row }) => row === i)?.col ?? -1]);
  }

  /** The track that the object has, or that of the found object that is meant, or a new one, whose id is the object's ID. */
  private trackOf(objectId: number, { rle, score }: ScoredMask, meant: Track | undefined): Track {
    const { position } = this.current.frame;
    const own = findGiven(this.state, objectId);
    if (!own && meant) {
      meant.givenId = objectId;
      meant.confirmed = true;
      return meant;
    }
    const track = own && this.state.live.has(own.id) ? own : own ? reviveTrack(this.state, own, position, rle, score) : createTrack(objectId, position, rle, score, objectId);
    this.state.live.set(track.id, track);
    if (meant) this.absorb(track, meant);
    return track;
  }

  /** The found object was this one: its masks on pending frames go over, and it ends. */
  private absorb(track: Track, found: Track): void {
    for (const { masks } of this.pending) {
      const mask = masks.get(found.id);
      if (mask && !masks.has(track.id)) masks.set(track.id, mask);
      masks.delete(found.id);
    }
    this.predictions.delete(found.id);
    this.context.session.removeObjects([found.id]);
    endTrack(this.state, found.id);
  }

  private isElsewhere(id: number, prompted: Rle): boolean {
    const tracked = this.current.masks.get(id);
    return tracked !== undefined && rleIou(tracked.rle, prompted) < ELSEWHERE_IOU;
  }

  /** Follows objects that were not seen before this frame back through the pending frames, as far as they are there. */
  private async traceBack(arrived: readonly Answer[]): Promise<void> {
    const candidates = arrived.map(({ mask: { rle, score } }) => ({ rle, area: rleArea(rle), quality: score }));
    const tubes = await propagateBackward(this.context.createSession, this.pending, candidates);
    tubes.forEach(({ masks }, i) => {
      const { id } = findGiven(this.state, arrived[i]!.prompt.objectId)!;
      for (let p = this.pending.length - 2; p >= 0 && masks[p] && !this.pending[p]!.masks.has(id); p--) this.pending[p]!.masks.set(id, masks[p]!);
    });
  }
}

function isMaskAlone({ mask, points, box }: ObjectPrompt): boolean {
  return mask !== null && points.length === 0 && box === null;
}

/** Says where the object is, not only where it is not. */
function isPositive({ labels, box, mask }: PointPrompt): boolean {
  return box !== null || mask !== null || labels.includes(1);
}
