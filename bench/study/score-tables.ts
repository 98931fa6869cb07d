import { keptOf } from '../../cli/evaluate/print-scores';
import { countReturns } from '../../core/metrics/returns';
import { head, mean, row } from './markdown';
import type { RunScores } from './score-in-chunks';

/** The runs over one clip. */
export interface ClipScores {
  readonly clip: string;
  readonly frames: number;
  /** Frames at which a new scene starts. */
  readonly sceneCuts: readonly number[];
  readonly runs: readonly RunScores[];
}

const OBJECT_COLUMNS = ['clip', 'chunk frames', 'object', 'frames', 'J best track', 'J any track', 'J detections', 'covered', 'switches', 'in sight', 'returns', 'breaks'];
const CLIP_COLUMNS = ['clip', 'chunk frames', 'chunks', 'J', 'HOTA', 'DetA', 'AssA', 'IDF1', 'regret', 'agreement', 'IDSW', 'switches', 'in sight', 'returns', 'at seams', 'objects/frame', 'prompts/frame', 's/frame', 's/detection'];

export const objectHead = (): string[] => head(OBJECT_COLUMNS);
export const clipHead = (): string[] => head(CLIP_COLUMNS);

/** A row for each object of a run. */
export function objectRows(clip: string, { chunkFrames, scores, bounds }: RunScores): string[] {
  return scores.objects.map((object, i) => {
    const { anyTrackJ, detectionsJ } = bounds[i]!;
    const switches = `${object.idSwitches}${object.idSwitches > 0 ? ` (${object.switchFrames.join(' ')})` : ''}`;
    const ids = [switches, object.switchesOutsideReturns, keptOf(countReturns([object]))];
    return row(clip, nameOf(chunkFrames), object.id, object.visibleFrames, three(object.bestTrackJ), three(anyTrackJ), three(detectionsJ), `${Math.round(object.coverage * 100)} %`, ...ids, object.fragments);
  });
}

/** A row for one run over a clip. */
export function clipRow(clip: string, { chunkFrames, chunks, scores, regret, agreement, costs }: RunScores): string {
  const { clear, hota, idf1, seams, returns } = scores;
  const quality = [scores.mean.bestTrackJ, hota.hota, hota.detA, hota.assA, idf1, regret?.hota, agreement?.hota].map(three);
  const ids = [clear.idSwitches, scores.idSwitches, returns.switchesOutsideReturns, keptOf(returns), seams === null || seams.crossings === 0 ? '-' : `${seams.switches} of ${seams.crossings}`];
  const cost = [costs.objectsPerFrame.toFixed(1), costs.promptsPerFrame.toFixed(1), costs.secondsPerFrame.toFixed(2), costs.secondsPerDetection?.toFixed(1) ?? '-'];
  return row(clip, nameOf(chunkFrames), chunks, ...quality, ...ids, ...cost);
}

/** Means of ratios and sums of counts over clips, a row for each way of cutting. */
export function meanRows(clips: readonly ClipScores[]): string[] {
  const cuttings = [...new Set(clips.flatMap(({ runs }) => runs.map(({ chunkFrames }) => chunkFrames)))];
  return cuttings.map((chunkFrames) => {
    const runs = clips.flatMap((clip) => clip.runs.filter((run) => run.chunkFrames === chunkFrames));
    const bold = (pick: (run: RunScores) => number | undefined): string => {
      const values = runs.map(pick).filter((value) => value !== undefined);
      return values.length === 0 ? '-' : `**${three(mean(values))}**`;
    };
    const sum = (pick: (run: RunScores) => number): number => runs.reduce((total, run) => total + pick(run), 0);
    const quality = [bold(({ scores }) => scores.mean.bestTrackJ), bold(({ scores }) => scores.hota.hota), bold(({ scores }) => scores.hota.detA), bold(({ scores }) => scores.hota.assA), bold(({ scores }) => scores.idf1), bold(({ regret }) => regret?.hota), bold(({ agreement }) => agreement?.hota)];
    const returns = { returns: sum(({ scores }) => scores.returns.returns), kept: sum(({ scores }) => scores.returns.kept), notFound: sum(({ scores }) => scores.returns.notFound) };
    const crossings = sum(({ scores }) => scores.seams?.crossings ?? 0);
    const atSeams = crossings === 0 ? '-' : `${sum(({ scores }) => scores.seams?.switches ?? 0)} of ${crossings}`;
    const ids = [sum(({ scores }) => scores.clear.idSwitches), sum(({ scores }) => scores.idSwitches), sum(({ scores }) => scores.returns.switchesOutsideReturns), keptOf(returns), atSeams];
    return row('**mean, or sum, of clips**', nameOf(chunkFrames), sum(({ chunks }) => chunks), ...quality, ...ids, '', '', '', '');
  });
}

const nameOf = (chunkFrames: number): string => (chunkFrames === 0 ? 'one pass' : String(chunkFrames));
const three = (value: number | null | undefined): string => (value === null || value === undefined ? '-' : value.toFixed(3));
