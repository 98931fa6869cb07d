import { countReturns, type ReturnCounts } from '../../core/metrics/returns';
import type { Output } from '../output/output';
import { formatTable } from '../output/table';
import type { Agreement, Regret } from './compare-results';
import type { Scores } from './score-result';

/** What comes of `--against`. */
export interface Comparison {
  readonly agreement: Agreement;
  /** Scores of the other result, and what the first loses against it; null without truth. */
  readonly scores: Scores | null;
  readonly regret: Regret | null;
}

/** The scores as `--json` gives them. */
export function scoreDocument(scores: Scores): unknown {
  return roundNumbers(scores);
}

/** The answer of `vamg evaluate --json`. */
export function evaluationDocument(scores: Scores | null, against: Comparison | null): unknown {
  return roundNumbers({ ...scores, ...(against !== null && { against }) });
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
    String(row.switchesOutsideReturns),
    keptOf(countReturns([row])),
    String(row.visibleFrames),
  ]);
  const { mean } = scores;
  rows.push(['mean', '', three(mean.bestTrackJ), three(mean.jAllFrames), three(mean.f), percent(mean.coverage), String(scores.idSwitches), String(scores.returns.switchesOutsideReturns), keptOf(scores.returns), '']);
  for (const line of formatTable(['object', 'ID', 'J', 'J all', 'F', 'coverage', 'switches', 'in sight', 'returns', 'frames'], rows)) out.line(line);
  out.line();
  out.line(`J&F ${three(mean.jAndF)}   IDF1 ${three(scores.idf1)}   ID switches ${scores.idSwitches}   interruptions ${scores.fragments}   over ${scores.frames} frames`);
  out.line('J: overlap of the one ID that follows an object best, where the object is visible; "J all": over all frames; F: contours.');
  out.line('in sight: switches that are at no return; returns: those after which the object has its ID again, of all times that it was out of sight and came back.');
  out.line();
  for (const [name, values] of measures(scores)) out.line(`${name.padEnd(8)}${values}`);
  out.line(
    scores.everyObject
      ? 'Pixels without truth counted as background: every mask there is an error.'
      : `Pixels without truth are unlabelled: from HOTA to VC, ${scores.leftOut} masks are left out about which the truth says nothing.`,
  );
}

/** Two results side by side. */
export function printComparison(out: Output, { agreement, regret }: Comparison): void {
  const { hota, detA, assA, idf1, frames } = agreement;
  out.line(`Agreement of the two results   HOTA ${three(hota)}   DetA ${three(detA)}   AssA ${three(assA)}   IDF1 ${three(idf1)}   over ${frames} frames`);
  if (regret !== null) out.line(`Regret (the other less this)   HOTA ${signed(regret.hota)}   DetA ${signed(regret.detA)}   AssA ${signed(regret.assA)}   IDF1 ${signed(regret.idf1)}   more ID switches ${regret.idSwitches}`);
}

/** Returns that kept the ID, of all. */
export function keptOf({ returns, kept, notFound }: Pick<ReturnCounts, 'returns' | 'kept' | 'notFound'>): string {
  if (returns === 0) return '-';
  return `${kept} of ${returns}${notFound > 0 ? ` (${notFound} not found)` : ''}`;
}

function measures({ hota, clear, identity, stq, vpq, vc, returns, seams, flicker }: Scores): [name: string, values: string][] {
  const list = (values: Readonly<Record<string, number | null>>): string => Object.entries(values).map(([key, value]) => `${key} ${value === null ? '-' : three(value)}`).join('   ');
  const tubes = Object.fromEntries(vpq.windows.map((tube) => [String(tube.window), tube.vpq]));
  return [
    ['HOTA', `${three(hota.hota)}   ${list({ DetA: hota.detA, AssA: hota.assA, DetRe: hota.detRe, DetPr: hota.detPr, AssRe: hota.assRe, AssPr: hota.assPr, LocA: hota.locA })}`],
    ['CLEAR', `${list({ MOTA: clear.mota, MOTP: clear.motp, sMOTA: clear.smota })}   IDSW ${clear.idSwitches}   Frag ${clear.fragments}   MT ${clear.mostlyTracked}   PT ${clear.partlyTracked}   ML ${clear.mostlyLost}`],
    ['IDF1', `${three(identity.idf1)}   ${list({ IDP: identity.idPrecision, IDR: identity.idRecall })}`],
    ['STQ', `${three(stq.stq)}   ${list({ AQ: stq.aq, SQ: stq.sq })}`],
    ['VPQ', `${three(vpq.vpq)}   by frames per tube: ${list(tubes)}`],
    ['VC', list({ VC8: vc.vc8, VC16: vc.vc16 })],
    ['returns', `the ID is kept after ${returns.kept} of ${returns.returns}, changed after ${returns.changed}, ${returns.notFound} not found   ID switches in sight ${returns.switchesOutsideReturns}`],
    ['seams', seams === null ? 'not known: result.json does not say where the chunks meet' : `ID changes at ${seams.switches} of ${seams.crossings} crossings   ${list({ rate: seams.switchRate })}   over ${seams.seams} seams`],
    ['flicker', `${list({ 'shape change': flicker.shapeChange, 'area jitter': flicker.areaJitter })}   appears or vanishes ${flicker.visibilityTogglesPer100.toFixed(2)} times per 100 frames`],
  ];
}

const three = (value: number): string => value.toFixed(3);
const signed = (value: number): string => `${value < 0 ? '' : '+'}${three(value)}`;
const percent = (value: number): string => `${(value * 100).toFixed(0)} %`;

/** Six decimals say enough, and make the document readable. */
export function roundNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toFixed(6));
  if (Array.isArray(value)) return value.map(roundNumbers);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundNumbers(inner)]));
  return value;
}
