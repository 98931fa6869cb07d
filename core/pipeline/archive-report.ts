import type { ArchiveEntry, ArchiveReport } from '../../contracts/archive';
import type { ArchiveCounts, ArchiveState } from '../../contracts/archive-messages';

const WORDS: Readonly<Record<ArchiveState, string>> = {
  done: 'done',
  failed: 'failed',
  quarantined: 'quarantined',
  'still-quarantined': 'still quarantined',
  busy: 'busy',
  'passed-over': 'passed over',
};
/** What needs somebody's attention comes first. */
const ORDER: readonly ArchiveState[] = ['failed', 'quarantined', 'busy', 'done', 'still-quarantined', 'passed-over'];

/** "12 done, 3 skipped, 1 failed": what is not zero. */
export function countWords(counts: ArchiveCounts): string {
  const parts = [
    [counts.done, 'done'],
    [counts.skipped, 'skipped (done before)'],
    [counts.failed, 'failed'],
    [counts.quarantined, 'quarantined'],
    [counts.stillQuarantined, 'still quarantined'],
    [counts.busy, 'busy elsewhere'],
    [counts.left, 'left for the next run'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return said.length === 0 ? 'no videos' : said.join(', ');
}

/** In the order in which they are listed: by state, then by name. */
export function sortEntries(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return [...entries].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** How a run ended, in one sentence. */
export function endWords({ endedBy, failure }: Pick<ArchiveReport, 'endedBy' | 'failure'>): string {
  if (endedBy === 'failure') return `Ended early (${failure?.failure ?? 'Internal'}): ${failure?.reason ?? ''}`;
  if (endedBy === 'cancelled') return 'Cancelled; the next run goes on with the rest.';
  return endedBy === 'budget' ? 'The budget of this run is used up; the next run goes on with the rest.' : 'The whole archive was gone through.';
}

/**
 * The report for people.
 * @param limit most videos that are listed
 */
export function reportText(report: ArchiveReport, limit = 1000): string[] {
  const { counts, spent } = report;
  const head = [
    `Archive run ${report.run}${report.night === null ? '' : `, due ${report.night}`}`,
    `${countWords(counts)}.`,
    `${spent.videos} videos started, ${(spent.seconds / 3600).toFixed(2)} hours, ${(spent.bytes / 1e9).toFixed(2)} GB. ${endWords(report)}`,
  ];
  const listed = report.videos.slice(0, limit);
  const width = Math.max(0, ...listed.map(({ state }) => WORDS[state].length));
  const rows = listed.map((entry) => `${WORDS[entry.state].padEnd(width)}  ${entry.name}${detail(entry)}`);
  const more = report.videos.length - listed.length;
  return [...head, ...(rows.length > 0 ? ['', ...rows] : []), ...(more > 0 ? [`... and ${more} more`] : [])];
}

function detail({ state, failure, reason, objects, jobId }: ArchiveEntry): string {
  if (state === 'done') return `  (${objects ?? 0} objects, job ${jobId})`;
  return reason === null ? '' : `  (${failure === null ? '' : `${failure}: `}${reason})`;
}
