import { VamgError } from '../../contracts/errors';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { decodeRle, emptyRle } from '../../core/mask/rle';
import { fromCocoRle } from '../../core/mask/rle-string';
import { rleSubtract } from '../../core/mask/rle-ops';
import type { Rle } from '../../core/mask/types';
import { BestTrackScorer } from '../../core/metrics/best-track';
import { contourAccuracy } from '../../core/metrics/contour-accuracy';
import { IdentityScorer } from '../../core/metrics/identity';
import { labelMapToRles, type LabelMap } from '../../core/metrics/label-map';

/** Truth of one frame. */
export interface TruthFrame {
  readonly labels: LabelMap;
  /** Value that means "do not judge this pixel", or null. */
  readonly voidLabel: number | null;
}

export interface ObjectRow {
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
  readonly fragments: number;
  readonly visibleFrames: number;
}

export interface Scores {
  /** Frames that are in both the result and the truth. */
  readonly frames: number;
  readonly objects: readonly ObjectRow[];
  readonly mean: { readonly bestTrackJ: number; readonly jAllFrames: number; readonly f: number; readonly jAndF: number; readonly coverage: number };
  readonly idf1: number;
  readonly idSwitches: number;
  readonly fragments: number;
}

/** What is compared. Both are read twice, frame by frame. */
export interface ScoreInput {
  readonly lines: () => AsyncIterable<MaskLine>;
  /** Truth of a source frame; null when it has none. */
  readonly truth: (frame: number) => Promise<TruthFrame | null>;
}

/** Compare a result with truth. @throws VamgError BadConfig when the two do not fit together. */
export async function scoreResult({ lines, truth }: ScoreInput): Promise<Scores> {
  const tracks = new BestTrackScorer();
  const identity = new IdentityScorer();
  let frames = 0;
  for await (const frame of comparedFrames(lines(), truth)) {
    tracks.addFrame(frame.index, frame.predictions, frame.truth);
    identity.addFrame(frame.predictions, frame.truth);
    frames++;
  }
  if (frames === 0) throw new VamgError('BadConfig', 'The ground truth and the result have no frame in common; the first PNG file is frame 0 of the video.');
  const scores = tracks.result();
  const best = new Map(scores.map((score) => [score.truthId, score.bestTrack]));
  const contours = await scoreContours(comparedFrames(lines(), truth), best);
  const objects = scores.map((score): ObjectRow => ({
    id: score.truthId,
    track: score.bestTrack,
    bestTrackJ: score.bestTrackJ,
    jAllFrames: score.bestTrackJAllFrames,
    f: contours.get(score.truthId) ?? 0,
    coverage: score.coverage,
    idSwitches: score.idSwitches,
    fragments: score.fragments,
    visibleFrames: score.visibleFrames,
  }));
  const mean = (pick: (row: ObjectRow) => number): number => (objects.length === 0 ? 0 : objects.reduce((sum, row) => sum + pick(row), 0) / objects.length);
  const sum = (pick: (row: ObjectRow) => number): number => objects.reduce((total, row) => total + pick(row), 0);
  const [j, f] = [mean((row) => row.bestTrackJ), mean((row) => row.f)];
  return {
    frames,
    objects,
    mean: { bestTrackJ: j, jAllFrames: mean((row) => row.jAllFrames), f, jAndF: (j + f) / 2, coverage: mean((row) => row.coverage) },
    idf1: identity.result().idf1,
    idSwitches: sum((row) => row.idSwitches),
    fragments: sum((row) => row.fragments),
  };
}

interface ComparedFrame {
  readonly index: number;
  readonly predictions: Map<number, Rle>;
  readonly truth: Map<number, Rle>;
  readonly width: number;
  readonly height: number;
}

async function* comparedFrames(lines: AsyncIterable<MaskLine>, truth: ScoreInput['truth']): AsyncGenerator<ComparedFrame> {
  for await (const line of lines) {
    const frame = await truth(line.frame);
    if (frame === null) continue;
    const { width, height } = frame.labels;
    const real = labelMapToRles(frame.labels);
    const ignored = frame.voidLabel === null ? undefined : real.get(frame.voidLabel);
    if (frame.voidLabel !== null) real.delete(frame.voidLabel);
    const predictions = new Map<number, Rle>();
    for (const { id, segmentation } of line.objects) {
      const [h, w] = segmentation.size;
      if (w !== width || h !== height)
        throw new VamgError('BadConfig', `The ground truth is ${width}x${height} pixels, the masks of frame ${line.frame} are ${w}x${h}; they must be of one size.`);
      const rle = fromCocoRle({ size: [h, w], counts: segmentation.counts });
      predictions.set(id, ignored === undefined ? rle : rleSubtract(rle, ignored));
    }
    yield { index: line.frame, predictions, truth: real, width, height };
  }
}

/** Mean contour accuracy per object of the track that follows it best, over the frames where the object is visible. */
async function scoreContours(frames: AsyncIterable<ComparedFrame>, best: ReadonlyMap<number, number | null>): Promise<Map<number, number>> {
  const sums = new Map<number, { sum: number; frames: number }>();
  for await (const { predictions, truth, width, height } of frames) {
    for (const [id, rle] of truth) {
      const track = best.get(id) ?? null;
      const prediction = track === null ? undefined : predictions.get(track);
      const entry = sums.get(id) ?? { sum: 0, frames: 0 };
      entry.frames++;
      entry.sum += contourAccuracy(decodeRle(prediction ?? emptyRle(width, height)), decodeRle(rle));
      sums.set(id, entry);
    }
  }
  return new Map([...sums].map(([id, entry]) => [id, entry.sum / entry.frames]));
}
