import type { Output } from '../output/output';
import { formatTable } from '../output/table';
import type { Scores } from './score-result';

/** The scores as `--json` gives them. */
export function scoreDocument(scores: Scores): unknown {
  return roundNumbers(scores);
}

/** The score table for people. */
export function printScoreTable(out: Output, scores: Scores): void {
  const rows = scores.objects.map((row) => [
    String(row.id),
    row.track === null ? 'none' : String(row.track),
    three(row.bestTrackJ),
    three(row.jAllFrames),
    three(row.f),
    percent(row.coverage),
    String(row.idSwitches),
    String(row.visibleFrames),
  ]);
  const { mean } = scores;
  rows.push(['mean', '', three(mean.bestTrackJ), three(mean.jAllFrames), three(mean.f), percent(mean.coverage), String(scores.idSwitches), '']);
  for (const line of formatTable(['object', 'ID', 'J', 'J all', 'F', 'coverage', 'switches', 'frames'], rows)) out.line(line);
  out.line();
  out.line(`J&F ${three(mean.jAndF)}   IDF1 ${three(scores.idf1)}   ID switches ${scores.idSwitches}   interruptions ${scores.fragments}   over ${scores.frames} frames`);
  out.line('J: overlap of the one ID that follows an object best, where the object is visible; "J all": over all frames; F: contours.');
}

const three = (value: number): string => value.toFixed(3);
const percent = (value: number): string => `${(value * 100).toFixed(0)} %`;

/** Four decimals say enough, and make the document readable. */
function roundNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toFixed(4));
  if (Array.isArray(value)) return value.map(roundNumbers);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundNumbers(inner)]));
  return value;
}
