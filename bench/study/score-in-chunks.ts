import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { StitchReport } from '../../contracts/stitch-report';
import { compareResults, regretOf, type Agreement, type Regret } from '../../cli/evaluate/compare-results';
import { readFrame } from '../../cli/evaluate/compared-frames';
import { scoreResult, type Scores } from '../../cli/evaluate/score-result';
import { fromCocoRle } from '../../core/mask/rle-string';
import { seamsOf } from '../../core/planning/seams';
import type { Clip } from './clip';
import { MaskOracle } from './mask-oracle';
import type { ChunksResult, RunCosts } from './run-in-chunks';

/** All numbers of one run over a clip. */
export interface RunScores {
  /** 0 for one pass. */
  readonly chunkFrames: number;
  readonly overlapFrames: number;
  readonly chunks: number;
  /** As `vamg evaluate` gives them. */
  readonly scores: Scores;
  /** What bounds the J of an object's best track. */
  readonly bounds: readonly ObjectBounds[];
  readonly stitch: StitchReport;
  readonly costs: RunCosts;
  /** Beside the one pass: how far both are the same without truth, and what is lost by it; null for the one pass, and without one. */
  readonly agreement: Agreement | null;
  readonly regret: Regret | null;
}

export interface ObjectBounds {
  readonly id: number;
  /** Mean over the frames that show the object of the J of the best mask of any track. */
  readonly anyTrackJ: number;
  /** The same of any detection, over the detection frames that show it; null without one. */
  readonly detectionsJ: number | null;
}

/** Scores one run. @param onePass scores and lines of the clip in one piece, where there are any */
export async function scoreInChunks(clip: Clip, chunkFrames: number, result: ChunksResult, onePass: { readonly scores: Scores; readonly lines: readonly MaskLine[] } | null): Promise<RunScores> {
  const { plan, lines, stitch, costs } = result;
  const scores = await scoreResult({ lines: () => iterate(lines), truth: clip.truthSource, seams: seamsOf(plan) });
  return {
    chunkFrames,
    overlapFrames: plan.chunks.length > 1 ? plan.overlapFrames : 0,
    chunks: plan.chunks.length,
    scores,
    bounds: boundsOf(clip, result, scores),
    stitch,
    costs,
    agreement: onePass === null ? null : await compareResults(() => iterate(lines), () => iterate(onePass.lines)),
    regret: onePass === null ? null : regretOf(scores, onePass.scores),
  };
}

function boundsOf(clip: Clip, { lines, detections }: ChunksResult, { objects }: Scores): ObjectBounds[] {
  const [anyTrack, detected] = [new MaskOracle(), new MaskOracle()];
  for (const [position, line] of lines.entries()) {
    const truth = clip.truth(position);
    anyTrack.add([...readFrame(line).masks.values()], truth);
    const found = detections.get(position);
    if (found) detected.add(found.masks.map(({ rle }) => fromCocoRle(rle)), truth);
  }
  return objects.map(({ id }) => ({ id, anyTrackJ: anyTrack.of(id) ?? 0, detectionsJ: detected.of(id) }));
}

async function* iterate(lines: readonly MaskLine[]): AsyncGenerator<MaskLine> {
  yield* lines;
}
