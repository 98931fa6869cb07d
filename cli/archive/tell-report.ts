import path from 'node:path';
import type { ArchiveReport } from '../../contracts/archive';
import { reportText } from '../../core/pipeline/archive-report';
import type { Output } from '../output/output';
import { forUser } from '../output/user-folder';

const LISTED = 200;

/** The last words of a run; the exit code is 1 when a video failed in it. */
export function tellReport(out: Output, id: string, dest: string | null, report: ArchiveReport): void {
  out.json({ id, state: 'done', out: dest, report });
  for (const line of reportText(report, LISTED)) out.line(line);
  if (dest !== null) {
    const shown = dest.startsWith('s3://') ? dest : forUser(dest);
    out.line();
    out.line(`Results: ${shown}`);
    out.line(`Report:  ${dest.startsWith('s3://') ? `${shown}/archive-reports/${report.run}.txt` : path.join(shown, 'archive-reports', `${report.run}.txt`)}`);
  }
  if (report.counts.failed + report.counts.quarantined > 0) process.exitCode = 1;
}
