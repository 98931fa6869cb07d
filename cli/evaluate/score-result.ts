import { VamgError } from '../../contracts/errors';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { BestTrackScorer } from '../../core/metrics/best-track';
import { ClearScorer, type ClearScore } from '../../core/metrics/clear';
import { FlickerScorer, type FlickerSummary } from '../../core/metrics/flicker';
import { HotaScorer, type HotaScore } from '../../core/metrics/hota';
import { HotaAlignment } from '../../core/metrics/hota-alignment';
import { IdentityScorer, type IdentityScore } from '../../core/metrics/identity';
import { compareMasks, judgeFrame, type JudgedFrame } from '../../core/metrics/judged-frame';
import { rlesToLabelMap } from '../../core/metrics/label-map';
import { countLabelPairs } from '../../core/metrics/label-pairs';
import { countReturns, ReturnScorer, type ObjectReturns, type ReturnCounts } from '../../core/metrics/returns';
import { SeamScorer, type Seam, type SeamScore } from '../../core/metrics/seam-switches';
import { StqScorer, type StqScore } from '../../core/metrics/segmentation-tracking-quality';
import { VideoConsistencyScorer, type VideoConsistency } from '../../core/metrics/video-consistency';
import { VpqScorer, type VpqScore } from '../../core/metrics/video-panoptic-quality';
import { compareFrame, readFrame, type ComparedFrame, type ResultFrame, type TruthSource } from './compared-frames';
import { ContourScorer } from './contour-scorer';

export interface ObjectRow extends ObjectReturns {
  /** Number in the truth. */
  readonly id: number;
  /** ID in the result that follows it best, or null. */
  readonly track: number | null;
  /** Mean J of that one ID over the frames where the object is visible. */
  readonly bestTrackJ: number;
  /** The same over all frames. */
  readonly jAllFrames: number;
  readonly f: number;
  readonly coverage: number;
  readonly idSwitches: number;
  /** Frames on which those were seen. */
  readonly switchFrames: readonly number[];
  readonly fragments: number;
  readonly visibleFrames: number;
}

export interface Scores {
  /** Frames that are in both the result and the truth. */
  readonly frames: number;
  /** True when pixels without truth counted as background. */
  readonly everyObject: boolean;
  /** Masks that were not judged, because the truth says nothing about them; one for each frame they are on. */
  readonly leftOut: number;
  readonly objects: readonly ObjectRow[];
  readonly mean: { readonly bestTrackJ: number; readonly jAllFrames: number; readonly f: number; readonly jAndF: number; readonly coverage: number };
  readonly idf1: number;
  readonly idSwitches: number;
  readonly fragments: number;
  /** Whether objects came back under their ID. */
  readonly returns: ReturnCounts;
  readonly hota: HotaScore;
  readonly clear: ClearScore;
  readonly identity: Omit<IdentityScore, 'mapping'>;
  readonly stq: StqScore;
  readonly vpq: VpqScore;
  readonly vc: VideoConsistency;
  /** Null when it is not known where the chunks meet. */
  readonly seams: SeamScore | null;
  /** Of all frames of the result, with or without truth. */
  readonly flicker: Omit<FlickerSummary, 'objects'>;
}

/** What is compared. Both are read three times, frame by frame. */
export interface ScoreInput {
  readonly lines: () => AsyncIterable<MaskLine>;
  readonly truth: TruthSource;
  /** The truth shows every object: pixels without truth are background, not unlabelled. */
  readonly everyObject?: boolean;
  /** Where the chunks of the result meet, when known. */
  readonly seams?: readonly Seam[] | null;
}

/**
 * Compare a result with truth, in three passes: which track follows which object; what is judged, and all scores but one; HOTA.
 * @throws VamgError BadConfig when the two do not fit together.
 */
export async function scoreResult({ lines, truth, everyObject = false, seams = null }: ScoreInput): Promise<Scores> {
  const overview = new Overview(seams);
  for await (const line of lines()) {
    const frame = readFrame(line);
    overview.addResultFrame(frame);
    const compared = await compareFrame(frame, truth);
    if (compared !== null) overview.addFrame(compared);
  }
  if (overview.frames === 0) throw new VamgError('BadConfig', 'The ground truth and the result have no frame in common; the first PNG file is frame 0 of the video.');
  const tracks = overview.tracks.result();
  const judge = (frame: ComparedFrame): JudgedFrame => judgeFrame({ ...frame, predictions: frame.masks, everyObject }, overview.alignment);

  const judged = new JudgedScorers(everyObject);
  const contours = new ContourScorer(new Map(tracks.map(({ truthId, bestTrack }) => [truthId, bestTrack])));
  for await (const line of lines()) {
    const compared = await compareFrame(readFrame(line), truth);
    if (compared === null) continue;
    judged.addFrame(compared, judge(compared));
    contours.addFrame(compared);
  }
  const hota = new HotaScorer(judged.alignment);
  for await (const line of lines()) {
    const compared = await compareFrame(readFrame(line), truth);
    if (compared !== null) hota.addFrame(judge(compared));
  }

  const f = contours.result();
  const returns = overview.returns.result();
  const objects = tracks.map(
    ({ truthId, bestTrack, bestTrackJ, bestTrackJAllFrames, coverage, idSwitches, switchFrames, fragments, visibleFrames }): ObjectRow => ({
      id: truthId,
      track: bestTrack,
      bestTrackJ,
      jAllFrames: bestTrackJAllFrames,
      f: f.get(truthId) ?? 0,
      coverage,
      idSwitches,
      switchFrames,
      fragments,
      visibleFrames,
      ...returns.get(truthId)!,
    }),
  );
  return { ...overview.result(), everyObject, objects, ...summarise(objects), ...judged.result(), hota: hota.result() };
}

/** What needs every mask: the track that follows an object best, returns, seams, flicker. */
class Overview {
  readonly tracks = new BestTrackScorer();
  readonly returns = new ReturnScorer();
  readonly alignment = new HotaAlignment();
  private readonly flicker = new FlickerScorer();
  private readonly seams: SeamScorer | null;
  frames = 0;

  constructor(seams: readonly Seam[] | null) {
    this.seams = seams === null ? null : new SeamScorer(seams);
  }

  addResultFrame({ masks }: ResultFrame): void {
    this.flicker.addFrame(masks);
  }

  addFrame({ index, masks, predictions, truth, ignored }: ComparedFrame): void {
    this.frames++;
    const matches = this.tracks.addFrame(index, predictions, truth);
    this.returns.addFrame(index, matches);
    this.seams?.addFrame(index, matches);
    this.alignment.addFrame(compareMasks({ truth, predictions: masks, ignored }));
  }

  result(): Pick<Scores, 'frames' | 'seams' | 'flicker'> {
    const { objects: _objects, ...flicker } = this.flicker.result();
    return { frames: this.frames, seams: this.seams?.result() ?? null, flicker };
  }
}

/** What is counted over the masks that are judged, but for HOTA's last step. */
class JudgedScorers {
  readonly alignment = new HotaAlignment();
  private readonly clear = new ClearScorer();
  private readonly identity = new IdentityScorer();
  private readonly stq = new StqScorer();
  private readonly vpq = new VpqScorer();
  private readonly consistency = new VideoConsistencyScorer();
  private leftOut = 0;

  constructor(private readonly everyObject: boolean) {}

  addFrame({ masks, labels, voidLabel }: ComparedFrame, judged: JudgedFrame): void {
    this.leftOut += judged.leftOut;
    this.alignment.addFrame(judged);
    this.clear.addFrame(judged);
    this.identity.addFrame(judged);
    const kept = new Map(judged.trackIds.map((id) => [id, masks.get(id)!]));
    const flat = { truth: labels, predicted: rlesToLabelMap(kept, labels.width, labels.height), voidLabel, everyObject: this.everyObject };
    const pairs = countLabelPairs(flat);
    this.stq.addFrame(pairs);
    this.vpq.addFrame(pairs);
    this.consistency.addFrame(flat);
  }

  result(): Pick<Scores, 'leftOut' | 'idf1' | 'clear' | 'identity' | 'stq' | 'vpq' | 'vc'> {
    const { mapping: _mapping, ...identity } = this.identity.result();
    return {
      leftOut: this.leftOut,
      idf1: identity.idf1,
      clear: this.clear.result(),
      identity,
      stq: this.stq.result(),
      vpq: this.vpq.result(),
      vc: this.consistency.result(),
    };
  }
}

function summarise(objects: readonly ObjectRow[]): Pick<Scores, 'mean' | 'idSwitches' | 'fragments' | 'returns'> {
  const sum = (pick: (row: ObjectRow) => number): number => objects.reduce((total, row) => total + pick(row), 0);
  const mean = (pick: (row: ObjectRow) => number): number => (objects.length === 0 ? 0 : sum(pick) / objects.length);
  const [bestTrackJ, f] = [mean((row) => row.bestTrackJ), mean((row) => row.f)];
  return {
    mean: { bestTrackJ, jAllFrames: mean((row) => row.jAllFrames), f, jAndF: (bestTrackJ + f) / 2, coverage: mean((row) => row.coverage) },
    idSwitches: sum((row) => row.idSwitches),
    fragments: sum((row) => row.fragments),
    returns: countReturns(objects),
  };
}
