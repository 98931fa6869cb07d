import type { DetectionLine } from '../../contracts/artefacts';
import type { TrackingOptions } from '../../contracts/segment-options';
import { rleArea } from '../mask/rle';
import { rleIou } from '../mask/rle-ops';
import type { Rle } from '../mask/types';
import { assignWithGate } from '../matching/linear-assignment';
import { learnAppearance } from './appearance';
import { propagateBackward, tubeMasks, type BackwardTube } from './backward-pass';
import { liveTracks, type ChunkState } from './chunk-state';
import { readCandidates, type DetectionCandidate } from './detection-candidates';
import { FrameViews } from './frame-views';
import { importance, importanceOf, motionAfter, ownMotion, pathOf, sharedMotion, usualArea, type Path } from './importance';
import { mayBeTrack } from './may-be-track';
import { keepsItsMasks, matchDetections, sameExtentIou, shouldRefresh } from './match-detections';
import { tubeOf, type PendingFrame, type ScoredMask } from './pending-frame';
import { looksLikeLost, reidentify } from './reidentify';
import { createTrack, isPinned, type Track } from './track';
import { tubeIou } from './tube-iou';
import type { TrackerSession } from './types';

/** A detection whose backward tube shares this much of its volume with a track's tube is that track. */
const SAME_TUBE_IOU = 0.4;
/** Unsupported detection frames in a row after which an unconfirmed object ends. */
const UNCONFIRMED_MISSES = 3;
/** Missed detection frames from which a lost object counts as long lost; of those only so many for each that may be followed are kept. */
const LONG_LOST = { misses: 6, share: 0.25 } as const;
/** An object gives its place up only to one that counts this much more. */
const DISPLACE_MARGIN = 0.05;
/** Detections followed backward beyond those that have a place or a lost track to be. */
const SPARE_CANDIDATES = 4;

export interface UpdateContext {
  readonly session: TrackerSession;
  readonly createSession: () => TrackerSession;
  readonly options: TrackingOptions;
  /** Tracks whose mask on this frame was prompted. */
  readonly given: ReadonlySet<number>;
  /** Tracks that are over, and end once the pending lines are written; more are added. */
  readonly ending: Set<number>;
}

interface Newcomer {
  readonly detection: DetectionCandidate;
  readonly tube: BackwardTube;
  readonly view: Float32Array;
  /** See importance.ts. */
  readonly motion: number;
}

/** One detection frame: which detection is which object, what is refreshed, what is new, what is over. Lives for one frame. */
export class DetectionUpdate {
  private readonly current: PendingFrame;
  private readonly fresh: { objectId: number; rle: Rle; score: number }[] = [];
  private readonly supported = new Set<number>();
  private views!: FrameViews;
  /** Motion of the camera over the pending frames. */
  private shared: Path = null;

  constructor(
    private readonly context: UpdateContext,
    private readonly state: ChunkState,
    private readonly pending: readonly PendingFrame[],
    /** The tracker's masks on the last pending frame; for the iou tracker also of lost objects. */
    private readonly predictions: ReadonlyMap<number, ScoredMask>,
  ) {
    this.current = pending[pending.length - 1]!;
  }

  /** Changes state, pending masks, session and the set of tracks that are over. */
  async run(line: DetectionLine): Promise<void> {
    this.views = new FrameViews(await this.current.frame.embedding());
    this.state.sceneDetections++;
    this.noteMotion();
    const { width, height } = this.current.frame.image;
    const candidates = readCandidates(line, width, height, this.context.options.minArea);
    const unexplained = this.matchTracks(candidates);
    const newcomers = await this.traceBack(unexplained);
    this.admit(this.recallLost(this.claimTubes(newcomers)));
    this.countMisses();
    const { session, ending } = this.context;
    session.removeObjects([...ending].sort((a, b) => a - b));
    await session.addObjects(this.fresh);
  }

  /** Live tracks that are not over, by ascending id. */
  private tracks(): Track[] {
    return liveTracks(this.state).filter(({ id }) => !this.context.ending.has(id));
  }

  /** Those that have a mask on this frame. */
  private followed(): Track[] {
    return this.tracks().filter(({ id }) => this.current.masks.has(id));
  }

  private unsupported(): Track[] {
    return this.tracks().filter(({ id }) => !this.supported.has(id));
  }

  /** Detections on top of a track support it. Gives those that no track explains. */
  private matchTracks(candidates: readonly DetectionCandidate[]): DetectionCandidate[] {
    const { options, session } = this.context;
    const tracks = this.tracks().filter(({ id }) => this.predictions.has(id));
    const masks = tracks.map(({ id }) => this.predictions.get(id)!);
    const { matches, unexplained } = matchDetections(masks.map(({ rle }) => rle), candidates, options.newObjectIou, tracks.map((track, t) => this.explainedIouOf(track, masks[t]!.rle)));
    const refreshing = new Set<number>();
    for (const { track: t, detection: d, iou } of matches) {
      const [track, propagated, detection] = [tracks[t]!, masks[t]!, candidates[d]!];
      const refresh = !this.isGivenHere(track) && shouldRefresh(session.name, propagated.rle, propagated.score, detection, iou);
      if (refresh) {
        refreshing.add(d);
        this.takeMask(track, detection);
      } else this.current.masks.set(track.id, propagated);
      this.support(track, refresh ? this.views.of(detection.rle) : this.views.of(propagated.rle));
    }
    if (session.name === 'iou') {
      // A prediction alone is no observation: what no detection supports is not shown.
      for (const track of tracks) if (!this.supported.has(track.id) && !this.isGivenHere(track)) this.current.masks.delete(track.id);
    }
    return unexplained.filter((d) => !refreshing.has(d)).map((d) => candidates[d]!);
  }

  /**
   * The overlap from which on a detection is nothing but the track seen again. The extent of a given object is what the user says; and the
   * iou tracker has its masks from detections, whose extent changes from frame to frame.
   */
  private explainedIouOf(track: Track, mask: Rle): number {
    const { options, session } = this.context;
    if (isPinned(track) || session.name === 'iou') return options.newObjectIou;
    return Math.max(options.newObjectIou, sameExtentIou(rleArea(mask), this.views.grid.cellX));
  }

  /** The user's own mask on this frame stands, whatever was detected. */
  private isGivenHere(track: Track): boolean {
    return this.context.given.has(track.id);
  }

  private async traceBack(unexplained: readonly DetectionCandidate[]): Promise<Newcomer[]> {
    const limit = Math.max(0, this.room()) + this.unsupported().length + SPARE_CANDIDATES;
    const chosen = this.worthTracing(unexplained.slice(0, limit));
    const tubes = await propagateBackward(this.context.createSession, this.pending, chosen);
    return chosen.map((detection, i) => {
      const masks = tubeMasks(tubes[i]!);
      const motion = ownMotion(pathOf(masks.find((mask) => mask !== undefined), detection.rle), this.shared, detection.area);
      return { detection, tube: tubes[i]!, view: this.views.of(detection.rle), motion };
    });
  }

  /** Those that can still be an unsupported track or become an object; the others would be followed backward for nothing. */
  private worthTracing(detections: readonly DetectionCandidate[]): DetectionCandidate[] {
    const { position } = this.current.frame;
    const lost = this.lost();
    const keepsMasks = keepsItsMasks(this.context.session.name);
    const isOne = this.unsupported().map(({ id }) => mayBeTrack(tubeOf(this.pending, id), keepsMasks && this.predictions.has(id)));
    let places = this.room();
    return detections.filter((detection) => {
      if (isOne.some((mayBe) => mayBe(detection.rle))) return true;
      if (lost.length > 0) {
        const view = this.views.of(detection.rle);
        if (lost.some((track) => looksLikeLost(track, detection, view, position))) return true;
      }
      return places-- > 0 || this.displaced(detection, Infinity) !== null;
    });
  }

  /** Unsupported tracks that are not seen on this frame. */
  private lost(): Track[] {
    return this.unsupported().filter(({ id, lost }) => lost || !this.current.masks.has(id));
  }

  /** Which objects move by themselves. */
  private noteMotion(): void {
    const tracks = this.tracks();
    const paths = tracks.map(({ id }) => pathOf(this.pending[0]!.masks.get(id)?.rle, this.predictions.get(id)?.rle));
    this.shared = sharedMotion(paths);
    tracks.forEach((track, i) => (track.motion = motionAfter(track.motion, ownMotion(paths[i]!, this.shared, usualArea(track)))));
  }

  /**
   * A newcomer that was, over the interval, where an unsupported track was, is that track; where the track keeps its own mask, one of
   * another extent is a newcomer besides.
   */
  private claimTubes(newcomers: readonly Newcomer[]): Newcomer[] {
    const tracks = this.unsupported();
    const cost = tracks.flatMap((track) => newcomers.map(({ tube }) => 1 - tubeIou(tubeOf(this.pending, track.id), tubeMasks(tube))));
    const pairs = assignWithGate(cost, tracks.length, newcomers.length, 1 - SAME_TUBE_IOU);
    const taken = new Set<Newcomer>();
    for (const { row, col } of pairs) {
      const [track, newcomer] = [tracks[row]!, newcomers[col]!];
      const own = keepsItsMasks(this.context.session.name) ? this.predictions.get(track.id)?.rle : undefined;
      if (own) this.support(track, this.views.of(own));
      else this.adopt(track, newcomer);
      if (!own || rleIou(own, newcomer.detection.rle) >= this.explainedIouOf(track, own)) taken.add(newcomer);
    }
    return newcomers.filter((newcomer) => !taken.has(newcomer));
  }

  /** A newcomer that looks like a lost object, near where that was, is it. */
  private recallLost(newcomers: readonly Newcomer[]): Newcomer[] {
    const lost = this.lost();
    const pairs = reidentify(lost, newcomers.map(({ detection }) => detection), newcomers.map(({ view }) => view), this.current.frame.position);
    for (const { track, detection } of pairs) this.adopt(lost[track]!, newcomers[detection]!);
    return newcomers.filter((_, i) => !pairs.some(({ detection }) => detection === i));
  }

  /** The rest are new objects, as far as there is room. */
  private admit(newcomers: readonly Newcomer[]): void {
    for (const newcomer of newcomers) {
      const { detection, tube, view, motion } = newcomer;
      const displaced = this.room() <= 0 ? this.displace(newcomer) : 0;
      if (displaced === null) continue;
      const track = createTrack(this.state.nextId++, this.current.frame.position, detection.rle, detection.quality);
      track.motion = motion;
      track.confirmed = this.context.options.confirmDetections <= 1;
      this.state.live.set(track.id, track);
      this.supported.add(track.id);
      learnAppearance(track.appearance, view);
      for (let p = this.pending.length - 1; p >= 0 && tube.masks[p]; p--) {
        this.pending[p]!.masks.set(track.id, tube.masks[p]!);
        this.pending[p]!.masks.delete(displaced);
      }
      this.fresh.push({ objectId: track.id, rle: detection.rle, score: detection.quality });
    }
  }

  /** Makes room for an object that counts much more by ending the least one, whose id is given; null when all count enough. */
  private displace({ detection, motion }: Newcomer): number | null {
    const weakest = this.displaced(detection, motion);
    if (weakest === null) return null;
    this.context.ending.add(weakest);
    return weakest;
  }

  /** The object that would make room for a detection that moves so much; null for none. Another extent of a followed object makes no room. */
  private displaced({ rle, quality, area }: DetectionCandidate, motion: number): number | null {
    const followed = this.followed();
    let weakest: Track | undefined;
    let least = importance(quality, area, motion) - DISPLACE_MARGIN;
    for (const track of followed) {
      if (isPinned(track) || track.bornAt === this.current.frame.position) continue;
      const counts = importanceOf(track);
      if (counts < least) [weakest, least] = [track, counts];
    }
    if (!weakest || followed.some(({ id }) => rleIou(this.current.masks.get(id)!.rle, rle) >= this.context.options.newObjectIou)) return null;
    return weakest.id;
  }

  /** Free places; lost objects take none. */
  private room(): number {
    return this.context.options.maxObjects - this.followed().length;
  }

  private adopt(track: Track, { detection, tube, view }: Newcomer): void {
    tube.masks.forEach((mask, p) => {
      const { masks } = this.pending[p]!;
      if (mask && (!masks.has(track.id) || 2 * p >= this.pending.length)) masks.set(track.id, mask);
    });
    this.takeMask(track, detection);
    this.support(track, view);
  }

  private takeMask(track: Track, { rle, quality }: DetectionCandidate): void {
    this.current.masks.set(track.id, { rle, score: quality });
    this.fresh.push({ objectId: track.id, rle, score: quality });
  }

  private support(track: Track, view: Float32Array): void {
    this.supported.add(track.id);
    track.support++;
    track.missed = 0;
    track.confirmed ||= track.support >= this.context.options.confirmDetections;
    learnAppearance(track.appearance, view);
  }

  private countMisses(): void {
    for (const track of this.unsupported()) {
      track.missed++;
      if (isPinned(track)) continue;
      const gone = !this.current.masks.has(track.id);
      const over = track.confirmed ? gone && track.missed > this.context.options.maxMissedDetections : track.missed >= UNCONFIRMED_MISSES;
      if (over) this.context.ending.add(track.id);
    }
    this.forgetLongLost();
  }

  /** Lost objects take no room, but time: of those that are long lost only the ones that count most are kept. */
  private forgetLongLost(): void {
    const longLost = this.tracks().filter((track) => track.missed > LONG_LOST.misses && !isPinned(track) && !this.current.masks.has(track.id));
    const kept = Math.ceil(this.context.options.maxObjects * LONG_LOST.share);
    longLost.sort((a, b) => importanceOf(b) - importanceOf(a) || a.id - b.id);
    for (const { id } of longLost.slice(kept)) this.context.ending.add(id);
  }
}
